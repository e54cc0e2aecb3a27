using System.CommandLine;
using System.Net;
using Datapath.Agent.Output;
using Datapath.Agent.Status;

namespace Datapath.Agent.Commands.Nat;

/// <summary><c>nat list</c>: the flows that are translated.</summary>
internal static class NatListCommand
{
    private static readonly Option<IPNetwork?> s_source = NatFilter.Range("--source", "Only flows from this address or range.");
    private static readonly Option<IPNetwork?> s_peer = NatFilter.Range("--peer", "Only flows to this address or range.");

    private static readonly Option<string?> s_pod = new("--pod") { Description = "Only flows of this pod.", HelpName = "NAMESPACE/POD" };

    private static readonly Option<byte?> s_protocol = NatFilter.Protocol("Only flows of this protocol");

    public static Command Create()
    {
        var list = new Command("list", "Lists the flows that are translated, with their age and when they end if no packet comes. Asks the running agent; without one, or with masquerading off: exit code 4.")
        {
            s_source,
            s_peer,
            s_pod,
            s_protocol,
            CommonOptions.Config,
            CommonOptions.BpfRoot,
            CommonOptions.Output,
        };
        list.SetAction(static (arguments, cancellationToken) => AgentNatAnswer.ShowAsync(
            arguments, AgentQuestion.Flows, nat => nat.Flows is { } all ? Choose(arguments, all) : null, ReportJson.Readable.IReadOnlyListFlowRow, NatScreen.Flows, cancellationToken));
        return list;
    }

    private static IReadOnlyList<FlowRow> Choose(ParseResult arguments, IReadOnlyList<FlowRow> all)
    {
        var (source, peer, pod) = (arguments.GetValue(s_source), arguments.GetValue(s_peer), arguments.GetValue(s_pod));
        var protocol = arguments.GetValue(s_protocol) is { } number ? FlowProtocol.NameOf(number) : null;
        return [.. all.Where(f => (protocol is null || f.Protocol == protocol) && (pod is null || f.Pod == pod) && IsIn(source, f.Source) && IsIn(peer, f.Peer))];
    }

    private static bool IsIn(IPNetwork? range, string end) => range is not { } network || network.Contains(IPEndPoint.Parse(end).Address);
}
