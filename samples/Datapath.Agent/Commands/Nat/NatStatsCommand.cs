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
            CommonOptions.BpfRoot,
            CommonOptions.Output,
        };
        stats.SetAction(static (arguments, cancellationToken) =>
            AgentNatAnswer.ShowAsync(arguments, AgentQuestion.Nat, static nat => nat.Report, ReportJson.Readable.NatReport, NatScreen.Report, cancellationToken));
        return stats;
    }
}
