using Datapath.Linux.Namespaces;
using Datapath.SampleNode;

namespace Datapath.NodeLocalDns;

/// <summary>Asks by <c>dig</c>.</summary>
internal sealed class Dig(string program, NetworkNamespace network) : IResolver
{
    public async Task<string?> AskAsync(Transport transport, string name, ushort type, CancellationToken stop)
    {
        string[] arguments = [$"@{transport.Server}", name, type is DnsMessage.TypeA ? "A" : "TXT", "+short", "+tries=1", "+time=5", transport.IsTcp ? "+tcp" : "+notcp"];
        var output = await PodProcess.RunAsync(network, program, arguments, stop);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault()?.Trim('"');
    }
}
