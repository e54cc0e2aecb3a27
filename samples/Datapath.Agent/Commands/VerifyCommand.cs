using System.CommandLine;
using Datapath.Agent.Output;
using Datapath.Agent.Status;
using Datapath.Linux;

namespace Datapath.Agent.Commands;

/// <summary><c>verify</c>: whether the kernel holds what the agent wants.</summary>
internal static class VerifyCommand
{
    private const int Tries = 5;

    public static Command Create()
    {
        var command = new Command("verify", "Compares what the running agent wants with what the kernel holds, read by the pins: frontends, ranges of them, backends, shares, programs. An agent whose lifetime is process has no pins and compares itself. Any difference, or an agent that waits for its manifests: exit code 1; no agent, or pins that are gone: exit code 4.")
        {
            CommonOptions.Config,
            CommonOptions.BpfRoot,
            CommonOptions.Output,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var bpfRoot = CommonOptions.ReadOptions(arguments).BpfRoot;
        Pins.ThrowIfHidden(bpfRoot);
        if (await AgentSocket.ReadExpectationAsync(bpfRoot, cancellationToken).ConfigureAwait(false) is not { } agent)
            return await EndAsync(ExitCode.NothingThere, $"no agent runs for '{bpfRoot}', so nobody knows what should be there").ConfigureAwait(false);
        if (agent.Differences is null && !PinnedDatapath.Exists(bpfRoot))
            return await EndAsync(ExitCode.NothingThere, $"nothing is pinned in '{bpfRoot}'").ConfigureAwait(false);
        if (agent.Differences is null && Pins.FindFault(bpfRoot, agent.Pid) is { } fault)
            return await EndAsync(ExitCode.NothingThere, fault).ConfigureAwait(false);
        for (var i = 1; ; i++)
        {
            if (!agent.IsSynced || agent.Kernel is not { } expected)
                return await EndAsync(ExitCode.Failed, $"the agent, process {agent.Pid}, waits for its manifests").ConfigureAwait(false);
            var differences = agent.Differences ?? PinnedDatapath.Verify(bpfRoot, expected);

            // What the agent changed in between is no difference.
            if (differences.Count == 0 || i == Tries || await AgentSocket.ReadExpectationAsync(bpfRoot, cancellationToken).ConfigureAwait(false) is not { } now
                || now.Generation == agent.Generation)
            {
                return Report(arguments, differences, agent.NotApplied);
            }

            agent = now;
        }
    }

    private static int Report(ParseResult arguments, IReadOnlyList<KernelDifference> differences, IReadOnlyDictionary<string, string> notApplied)
    {
        IReadOnlyList<VerificationRow> rows =
        [
            .. differences.Select(d => new VerificationRow(
                d.Kind.ToString(),
                d.Subject,
                notApplied.TryGetValue(d.Subject, out var reason) ? $"{d.Details}{(d.Details.Length == 0 ? "" : "; ")}NOT APPLIED: {reason}" : d.Details)),
        ];
        if (CommonOptions.IsJson(arguments))
            Json.Write(rows, ReportJson.Readable.IReadOnlyListVerificationRow);
        else if (rows.Count == 0)
            Console.WriteLine("The kernel holds what the agent wants.");
        else
            Screen.VerificationTable(rows);
        return rows.Count == 0 ? ExitCode.Done : ExitCode.Failed;
    }

    private static async Task<int> EndAsync(int exitCode, string reason)
    {
        await Console.Error.WriteLineAsync($"datapath-agent: {reason}").ConfigureAwait(false);
        return exitCode;
    }
}
