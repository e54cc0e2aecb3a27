namespace Datapath.BpfObjects;

/// <summary>The object of socket load balancing (<c>socket_lb.bpf.c</c>): its bytes and the names in it.</summary>
public static class SocketLbObject
{
    /// <summary>The hash of IPv4 frontends: <see cref="Layout.FrontendKey4"/> to <see cref="Layout.FrontendValue"/>.</summary>
    public const string Frontends4 = "dp_frontends4";

    /// <summary>The hash of IPv6 frontends: <see cref="Layout.FrontendKey6"/> to <see cref="Layout.FrontendValue"/>.</summary>
    public const string Frontends6 = "dp_frontends6";

    /// <summary>The array of IPv4 slots, <see cref="Layout.Slot4"/>.</summary>
    public const string Slots4 = "dp_slots4";

    /// <summary>The array of IPv6 slots, <see cref="Layout.Slot6"/>.</summary>
    public const string Slots6 = "dp_slots6";

    /// <summary>The counters of each CPU, indexed by <see cref="Layout.Counter"/>.</summary>
    public const string Counters = "dp_counters";

    /// <summary>One <see cref="Layout.ManagerState"/>.</summary>
    public const string State = "dp_state";

    /// <summary>The hash of clients that have another set: <see cref="Layout.ClientKey"/> to a <see cref="Layout.FrontendValue"/> whose low bits are the number of the set.</summary>
    public const string Clients = "dp_clients";

    /// <summary>The hash of further sets: <see cref="Layout.SetKey"/> to <see cref="Layout.FrontendValue"/>.</summary>
    public const string Sets = "dp_sets";

    /// <summary>The hash of clients that are left alone: 64 bits as in <see cref="Layout.ClientKey.Client"/> to 32 without meaning.</summary>
    public const string Exemptions = "dp_exemptions";

    /// <summary>The hash of sticky clients, least recently used out first: <see cref="Layout.AffinityKey"/> to <see cref="Layout.AffinityValue"/>.</summary>
    public const string Affinity = "dp_affinity";

    /// <summary>The hash of backends that did not take a connection, least recently used out first: <see cref="Layout.FailedKey"/> to <see cref="Layout.FailedValue"/>.</summary>
    public const string Failed = "dp_failed";

    /// <summary>The trie of IPv4 ranges: <see cref="Layout.RangeKey4"/> to <see cref="Layout.RangeValue"/>.</summary>
    public const string Ranges4 = "dp_ranges4";

    /// <summary>The trie of IPv6 ranges: <see cref="Layout.RangeKey6"/> to <see cref="Layout.RangeValue"/>.</summary>
    public const string Ranges6 = "dp_ranges6";

    /// <summary>The ring buffer of <see cref="Layout.DialEvent"/>.</summary>
    public const string Events = "dp_events";

    /// <summary>One <see cref="Layout.TraceFilter"/>.</summary>
    public const string Trace = "dp_trace";

    /// <summary>The section of the knobs.</summary>
    public const string Knobs = ".rodata";

    /// <summary>Knob, 32-bit: the errno of a dial to a service without usable backends. Default: ECONNREFUSED (111).</summary>
    public const string NoBackendErrno = "dp_no_backend_errno";

    /// <summary>Knob, 8-bit: 1 if the machine may reorder loads, which x64 does not. Default: 0.</summary>
    public const string IsWeaklyOrdered = "dp_is_weakly_ordered";

    /// <summary>Knob, 64-bit: the cookie of the host's network namespace. Default: 1, the machine's first namespace.</summary>
    public const string HostNetns = "dp_host_netns";

    /// <summary>Knob, 8-bit: 1 if only programs in the host's network namespace are served. Default: 0.</summary>
    public const string ServesHostOnly = "dp_serves_host_only";

    /// <summary>Knob, 8-bit: 1 if session affinity tells processes of the host apart by their cgroup. Default: 0.</summary>
    public const string AffinityByCgroup = "dp_affinity_by_cgroup";

    /// <summary>Knob, 64-bit: for how many nanoseconds a backend that did not take a connection is passed over. Default: 0, it is not.</summary>
    public const string FailedFor = "dp_failed_for";

    /// <summary>The programs of bind(2), which keep programs of the host from listening where services are served.</summary>
    public static IReadOnlyList<string> BindPrograms { get; } = ["dp_post_bind4", "dp_post_bind6"];

    /// <summary>The object file.</summary>
    public static byte[] Read() => ObjectFile.Read("socket_lb.bpf.o");
}
