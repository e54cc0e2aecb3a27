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

    /// <summary>The section of the knobs.</summary>
    public const string Knobs = ".rodata";

    /// <summary>Knob, 32-bit: the errno of a dial to a service without usable backends. Default: ECONNREFUSED (111).</summary>
    public const string NoBackendErrno = "dp_no_backend_errno";

    /// <summary>Knob, 8-bit: 1 if the machine may reorder loads, which x64 does not. Default: 0.</summary>
    public const string IsWeaklyOrdered = "dp_is_weakly_ordered";

    /// <summary>The object file.</summary>
    public static byte[] Read() => ObjectFile.Read("socket_lb.bpf.o");
}
