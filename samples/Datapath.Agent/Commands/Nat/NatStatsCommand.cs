using System.CommandLine;
using Datapath.Agent.Output;
using Datapath.Agent.Status;

namespace Datapath.Agent.Commands.Nat;

/// <summary><c>nat stats</c>: how masquerading stands.</summary>
internal static class NatStatsCommand
{
    public static Command Create()
    {
        var stats = new Command("stats", "Tells which devices masquerade, how many flows there are, towards whom ports run short, who has most flows, and what was dropped and why. Asks the running agent; without one, or with masquerading off: exit code 4.")
        {
            CommonOptions.Config,
            CommonOptions.Output,
        };
        stats.SetAction(RunAsync);
        return stats;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var bpfRoot = CommonOptions.ReadOptions(arguments).BpfRoot;
        if (await AgentSocket.ReadNatAsync(bpfRoot, AgentQuestion.Nat, cancellationToken).ConfigureAwait(false) is not { } nat)
            return await NoAgent.EndAsync(bpfRoot).ConfigureAwait(false);
        if (nat.Report is not { } report)
            return await NoAgent.EndAsync(nat).ConfigureAwait(false);
        if (CommonOptions.IsJson(arguments))
            Json.Write(report, ReportJson.Readable.NatReport);
        else
            NatScreen.Report(report);
        return ExitCode.Done;
    }
}
