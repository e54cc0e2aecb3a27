using System.CommandLine;
using Datapath.Agent.Output;

namespace Datapath.Agent.Commands;

/// <summary><c>lrp list</c>: redirect policies.</summary>
internal static class LrpListCommand
{
    public static Command Create() => new("lrp", "Redirect policies.")
    {
        AgentListing.Create(
            "Lists redirect policies with what became of them and the addresses that they redirect",
            "`plan` shows what manifests would do",
            static agent => agent.Policies,
            ReportJson.Readable.IReadOnlyListPolicyRow,
            Screen.PolicyTable),
    };
}
