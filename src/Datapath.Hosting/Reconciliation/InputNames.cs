namespace Datapath.Hosting;

/// <summary>What the inputs of this library's own are called, in the log and elsewhere.</summary>
internal static class InputNames
{
    public const string NodeAddresses = "the watch of the node's addresses";

    public const string AgentFile = "the watch of the file of the ip-masq-agent";
}
