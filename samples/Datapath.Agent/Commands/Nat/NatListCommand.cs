using System.CommandLine;
using System.Net;
using Datapath.Agent.Output;
using Datapath.Agent.Status;

namespace Datapath.Agent.Commands.Nat;

/// <summary><c>nat list</c>: the flows that are translated.</summary>
internal static class NatListCommand
{
    private static readonly Option<IPNetwork?> s_source = Prefix("--source", "Only flows from this address or range.");
    private static readonly Option<IPNetwork?> s_peer = Prefix("--peer", "Only flows to this address or range.");

    private static readonly Option<string?> s_pod = new("--pod") { Description = "Only flows of this pod.", HelpName = "NAMESPACE/POD" };

    private static readonly Option<byte?> s_protocol = new("--protocol", "-p")
    {
        Description = "Only flows of this protocol: tcp, udp, icmp, icmpv6, another name or a number.",
        HelpName = "PROTOCOL",
        CustomParser = static result =>
        {
            if (FlowProtocol.TryParse(result.Tokens[0].Value, out var protocol))
                return protocol;
            result.AddError($"--protocol: '{result.Tokens[0].Value}' must be tcp, udp, icmp, icmpv6, sctp, gre, esp, udplite or a number, 0 to 255");
            return null;
        },
    };

    public static Command Create()
    {
        var list = new Command("list", "Lists the flows that are translated, with their age and when they end if no packet comes. Asks the running agent; without one, or with masquerading off: exit code 4.")
        {
            s_source,
            s_peer,
            s_pod,
            s_protocol,
            CommonOptions.Config,
            CommonOptions.Output,
        };
        list.SetAction(RunAsync);
        return list;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var bpfRoot = CommonOptions.ReadOptions(arguments).BpfRoot;
        if (await AgentSocket.ReadNatAsync(bpfRoot, AgentQuestion.Flows, cancellationToken).ConfigureAwait(false) is not { } nat)
            return await NoAgent.EndAsync(bpfRoot).ConfigureAwait(false);
        if (nat.Flows is not { } all)
            return await NoAgent.EndAsync(nat).ConfigureAwait(false);
        var (source, peer, pod) = (arguments.GetValue(s_source), arguments.GetValue(s_peer), arguments.GetValue(s_pod));
        var protocol = arguments.GetValue(s_protocol) is { } number ? FlowProtocol.NameOf(number) : null;
        IReadOnlyList<FlowRow> rows =
        [
            .. all.Where(f => (protocol is null || f.Protocol == protocol) && (pod is null || f.Pod == pod) && IsIn(source, f.Source) && IsIn(peer, f.Peer)),
        ];
        if (CommonOptions.IsJson(arguments))
            Json.Write(rows, ReportJson.Readable.IReadOnlyListFlowRow);
        else
            NatScreen.Flows(rows);
        return ExitCode.Done;
    }

    private static bool IsIn(IPNetwork? range, string end) => range is not { } network || network.Contains(IPEndPoint.Parse(end).Address);

    private static Option<IPNetwork?> Prefix(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "ADDRESS[/LENGTH]",
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (IPAddress.TryParse(text, out var address))
                return new IPNetwork(address, address.AddressFamily is System.Net.Sockets.AddressFamily.InterNetwork ? 32 : 128);
            if (IPNetwork.TryParse(text, out var network))
                return network;
            result.AddError($"{name}: '{text}' must be an address, or a range such as 10.0.0.0/8, without bits beyond the prefix");
            return null;
        },
    };
}
