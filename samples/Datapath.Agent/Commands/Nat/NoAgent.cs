using Datapath.Agent.Status;

namespace Datapath.Agent.Commands.Nat;

/// <summary>The end of commands that nobody can answer.</summary>
internal static class NoAgent
{
    public static Task<int> EndAsync(string bpfRoot) => EndWithAsync($"no agent runs for '{bpfRoot}'");

    public static Task<int> EndAsync(AgentNat nat) => EndWithAsync($"the agent, process {nat.Pid}, does not masquerade: set masquerade:enabled, or wait for its first sync");

    private static async Task<int> EndWithAsync(string reason)
    {
        await Console.Error.WriteLineAsync($"datapath-agent: {reason}").ConfigureAwait(false);
        return ExitCode.NothingThere;
    }
}
