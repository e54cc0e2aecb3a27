using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using Datapath.BpfObjects;
using Datapath.BpfObjects.Layout;
using Datapath.Linux.Bpf;

namespace Datapath.Linux.Masquerade;

/// <summary>The flows that are translated to an address.</summary>
internal static class FlowsOfAddress
{
    /// <summary>How many there are.</summary>
    public static int Count(IReadOnlyDictionary<string, BpfMap> maps, IPAddress address) => address.AddressFamily is AddressFamily.InterNetwork
        ? Count<FlowKey4, Flow4, Ipv4Flows>(maps[MasqueradeObject.Flows4], address)
        : Count<FlowKey6, Flow6, Ipv6Flows>(maps[MasqueradeObject.Flows6], address);

    private static int Count<
        [DynamicallyAccessedMembers(PaddingFinder.Fields)] TKey,
        [DynamicallyAccessedMembers(PaddingFinder.Fields)] TFlow,
        TFamily>(BpfMap map, IPAddress address)
        where TKey : unmanaged
        where TFlow : unmanaged
        where TFamily : IFlowFamily<TKey, TFlow>
    {
        var isTranslated = TFamily.TranslatedTo(address);
        return map.AsHash<TKey, TFlow>().ToList().Count(entry => isTranslated(entry.Key, entry.Value));
    }
}
