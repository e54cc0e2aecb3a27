using System.Net.Sockets;
using Datapath.BpfObjects;
using Datapath.BpfObjects.Layout;
using Datapath.Linux.Bpf;

namespace Datapath.Linux.Masquerade;

/// <summary>The tables of both families.</summary>
internal static class FlowTables
{
    /// <summary>The names of their maps.</summary>
    public static IReadOnlyList<string> Maps { get; } = [MasqueradeObject.Flows4, MasqueradeObject.Flows6, MasqueradeObject.Kept4, MasqueradeObject.Kept6];

    /// <summary>Reads and writes them.</summary>
    public static IFlowTable[] Of(IReadOnlyDictionary<string, BpfMap> maps) =>
    [
        new FlowTable<FlowKey4, Flow4, Ipv4Flows>(maps[MasqueradeObject.Flows4], maps[MasqueradeObject.Kept4]),
        new FlowTable<FlowKey6, Flow6, Ipv6Flows>(maps[MasqueradeObject.Flows6], maps[MasqueradeObject.Kept6]),
    ];

    /// <summary>Flows by the table that they belong to.</summary>
    public static IEnumerable<(IFlowTable Table, TFlow[] Flows)> Sort<TFlow>(IFlowTable[] tables, IEnumerable<TFlow> flows, Func<TFlow, FlowEnds> endsOf) =>
        flows.GroupBy(flow => endsOf(flow).Source.Address.AddressFamily is AddressFamily.InterNetwork ? 0 : 1)
            .Select(group => (tables[group.Key], group.ToArray()));
}
