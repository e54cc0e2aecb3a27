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
    public static int Count(IReadOnlyDictionary<string, BpfMap> maps, IPAddress address) => Visit(maps, address, isEnd: false);

    /// <summary>Ends them: the next packet of each is the first of a flow.</summary>
    /// <returns>How many there were.</returns>
    public static int End(IReadOnlyDictionary<string, BpfMap> maps, IPAddress address) => Visit(maps, address, isEnd: true);

    private static int Visit(IReadOnlyDictionary<string, BpfMap> maps, IPAddress address, bool isEnd) => address.AddressFamily is AddressFamily.InterNetwork
        ? Visit<FlowKey4, Flow4, Ipv4Flows>(maps[MasqueradeObject.Flows4], address, isEnd)
        : Visit<FlowKey6, Flow6, Ipv6Flows>(maps[MasqueradeObject.Flows6], address, isEnd);

    private static int Visit<
        [DynamicallyAccessedMembers(PaddingFinder.Fields)] TKey,
        [DynamicallyAccessedMembers(PaddingFinder.Fields)] TFlow,
        TFamily>(BpfMap map, IPAddress address, bool isEnd)
        where TKey : unmanaged
        where TFlow : unmanaged
        where TFamily : IFlowFamily<TKey, TFlow>
    {
        var hash = map.AsHash<TKey, TFlow>();
        var isTranslated = TFamily.TranslatedTo(address);
        var keys = hash.ToList().Where(entry => isTranslated(entry.Key, entry.Value)).Select(static entry => entry.Key).ToArray();
        if (isEnd)
            _ = hash.RemoveAll(keys);
        return keys.Count(TFamily.IsOutgoing);
    }
}
