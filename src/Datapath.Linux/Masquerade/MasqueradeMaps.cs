using System.Collections.Frozen;
using Datapath.BpfObjects;
using Datapath.BpfObjects.Layout;
using Datapath.Linux.Bpf;

namespace Datapath.Linux.Masquerade;

/// <summary>The pinned maps of egress NAT.</summary>
internal static class MasqueradeMaps
{
    /// <summary>Those whose sizes may be others than at the last start, by name.</summary>
    public static FrozenDictionary<string, ResizableMap> Resizable { get; } = new Dictionary<string, ResizableMap>
    {
        [MasqueradeObject.Flows4] = new(null, null), // FlowMove: programs write there all the time
        [MasqueradeObject.Flows6] = new(null, null),
        [MasqueradeObject.Counters] = new(null, new CounterContent()),
        [MasqueradeObject.Devices] = new(null, new HashContent<uint, NatDevice>("devices")),
        [MasqueradeObject.Interfaces] = new(null, new HashContent<NatInterfaceKey, NatClass>("devices")),
        [MasqueradeObject.Sources4] = new(null, new TrieContent<NatPrefix4, NatClass>("prefixes")),
        [MasqueradeObject.Sources6] = new(null, new TrieContent<NatPrefix6, NatClass>("prefixes")),
        [MasqueradeObject.Destinations4] = new(null, new TrieContent<NatPrefix4, NatClass>("prefixes")),
        [MasqueradeObject.Destinations6] = new(null, new TrieContent<NatPrefix6, NatClass>("prefixes")),
        [MasqueradeObject.WatchRing] = new(null, new NoContent()),
        [MasqueradeObject.LogRing] = new(null, new NoContent()),
    }.ToFrozenDictionary(StringComparer.Ordinal);
}
