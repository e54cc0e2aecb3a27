using System.Collections.Frozen;
using Datapath.BpfObjects;
using Datapath.BpfObjects.Layout;
using Datapath.Linux.Bpf;

namespace Datapath.Linux.Services;

/// <summary>The pinned maps of socket load balancing.</summary>
internal static class ServiceMaps
{
    private const string Relief = "remove services first";

    /// <summary>Those whose sizes may be others than at the last start, by name.</summary>
    public static FrozenDictionary<string, ResizableMap> Resizable { get; } = new Dictionary<string, ResizableMap>
    {
        [SocketLbObject.Frontends4] = new("maxFrontends", new HashContent<FrontendKey4, FrontendValue>("frontends")) { Relief = Relief },
        [SocketLbObject.Frontends6] = new("maxFrontends", new HashContent<FrontendKey6, FrontendValue>("frontends")) { Relief = Relief },
        [SocketLbObject.Slots4] = new("maxSlots", new SlotContent<FrontendKey4, RangeKey4, Slot4, Ipv4Family>(SocketLbObject.Frontends4, SocketLbObject.Ranges4)) { Relief = Relief },
        [SocketLbObject.Slots6] = new("maxSlots", new SlotContent<FrontendKey6, RangeKey6, Slot6, Ipv6Family>(SocketLbObject.Frontends6, SocketLbObject.Ranges6)) { Relief = Relief },
        [SocketLbObject.Clients] = new(null, new HashContent<ClientKey, FrontendValue>("clients")),
        [SocketLbObject.Sets] = new(null, new HashContent<SetKey, FrontendValue>("sets")),
        [SocketLbObject.Exemptions] = new(null, new HashContent<ulong, uint>("clients")),
        [SocketLbObject.Affinity] = new(null, new HashContent<AffinityKey, AffinityValue>("clients")),
        [SocketLbObject.Ranges4] = new(null, new TrieContent<RangeKey4, RangeValue>("ranges")),
        [SocketLbObject.Ranges6] = new(null, new TrieContent<RangeKey6, RangeValue>("ranges")),
        [SocketLbObject.Counters] = new(null, new CounterContent()),
        [SocketLbObject.Events] = new(null, new NoContent()),
    }.ToFrozenDictionary(StringComparer.Ordinal);
}
