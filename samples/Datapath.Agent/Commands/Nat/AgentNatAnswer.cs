using System.CommandLine;
using System.Text.Json.Serialization.Metadata;
using Datapath.Agent.Output;
using Datapath.Agent.Status;

namespace Datapath.Agent.Commands.Nat;

/// <summary>What the running agent knows of masquerading.</summary>
internal static class AgentNatAnswer
{
    /// <summary>Asks for it and prints it.</summary>
    /// <param name="arguments">The arguments of the command.</param>
    /// <param name="question">What is asked.</param>
    /// <param name="part">What is wanted of the answer; <see langword="null"/> if the agent does not masquerade.</param>
    /// <param name="type">Its JSON.</param>
    /// <param name="print">Prints it for people.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> ShowAsync<T>(
        ParseResult arguments, string question, Func<AgentNat, T?> part, JsonTypeInfo<T> type, Action<T> print, CancellationToken cancellationToken)
        where T : class
    {
        var bpfRoot = CommonOptions.ReadOptions(arguments).BpfRoot;
        if (await AgentSocket.ReadNatAsync(bpfRoot, question, cancellationToken).ConfigureAwait(false) is not { } nat)
            return await NothingThere.EndAsync($"no agent runs for '{bpfRoot}'").ConfigureAwait(false);
        if (part(nat) is not { } wanted)
            return await NothingThere.EndAsync($"the agent, process {nat.Pid}, does not masquerade: set masquerade:enabled, or wait for its first sync").ConfigureAwait(false);
        if (CommonOptions.IsJson(arguments))
            Json.Write(wanted, type);
        else
            print(wanted);
        return ExitCode.Done;
    }
}
