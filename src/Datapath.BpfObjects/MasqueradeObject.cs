namespace Datapath.BpfObjects;

/// <summary>The object of egress NAT (<c>masquerade.bpf.c</c>): its bytes and the names in it.</summary>
public static class MasqueradeObject
{
    /// <summary>The program for packets that leave by a device.</summary>
    public const string Egress = "dp_nat_egress";

    /// <summary>The program for packets that come in by a device.</summary>
    public const string Ingress = "dp_nat_ingress";

    /// <summary>An array of one <see cref="Layout.NatState"/>.</summary>
    public const string State = "dp_nat_state";

    /// <summary>The hash of devices: index to <see cref="Layout.NatDevice"/>.</summary>
    public const string Devices = "dp_nat_devices";

    /// <summary>The hash of devices by which packets come in: <see cref="Layout.NatInterfaceKey"/> to <see cref="Layout.NatClass"/>.</summary>
    public const string Interfaces = "dp_nat_interfaces";

    /// <summary>An array of <see cref="Layout.NatTable"/>, one for each set of rules that is kept.</summary>
    public const string Table = "dp_nat_table";

    /// <summary>An array of <see cref="Layout.NatChoice"/>, <see cref="Layout.NatLimits.Choices"/> for each set of rules.</summary>
    public const string Choices = "dp_nat_choices";

    /// <summary>An array of one <see cref="Layout.NatPorts"/>.</summary>
    public const string Ports = "dp_nat_ports";

    /// <summary>The classes of IPv4 sources: a trie of <see cref="Layout.NatPrefix4"/> to <see cref="Layout.NatClass"/>.</summary>
    public const string Sources4 = "dp_nat_sources4";

    /// <summary>The classes of IPv6 sources: a trie of <see cref="Layout.NatPrefix6"/> to <see cref="Layout.NatClass"/>.</summary>
    public const string Sources6 = "dp_nat_sources6";

    /// <summary>The classes of IPv4 destinations.</summary>
    public const string Destinations4 = "dp_nat_destinations4";

    /// <summary>The classes of IPv6 destinations.</summary>
    public const string Destinations6 = "dp_nat_destinations6";

    /// <summary>The hash of IPv4 flows: <see cref="Layout.FlowKey4"/> to <see cref="Layout.Flow4"/>, two entries for each.</summary>
    public const string Flows4 = "dp_flows4";

    /// <summary>The hash of IPv6 flows: <see cref="Layout.FlowKey6"/> to <see cref="Layout.Flow6"/>, two entries for each.</summary>
    public const string Flows6 = "dp_flows6";

    /// <summary>The hash of IPv4 flows that are left alone: <see cref="Layout.FlowKey4"/> to <see cref="Layout.NatKept"/>. When it is full it drops the one used longest ago.</summary>
    public const string Kept4 = "dp_kept4";

    /// <summary>The hash of IPv6 flows that are left alone, likewise.</summary>
    public const string Kept6 = "dp_kept6";

    /// <summary>The per-CPU array of counters, by <see cref="Layout.NatCounter"/>.</summary>
    public const string Counters = "dp_nat_counters";

    /// <summary>The array of fragments that wait for the first of their datagram.</summary>
    public const string Held = "dp_held";

    /// <summary>The iterator over <see cref="Held"/> that drops and counts those whose first did not come in time. It writes nothing.</summary>
    public const string SweepHeld = "dp_sweep_held";

    /// <summary>The maps in which the programs note a packet while they deal with it, or for a second: nothing in them outlives that, and no other version's programs may share them.</summary>
    public static IReadOnlyList<string> Scratch { get; } = ["dp_nat_scratch4", "dp_nat_scratch6", Held, "dp_held_rings", "dp_waiting"];

    /// <summary>The ring of <see cref="Layout.NatEvent"/> for who watches.</summary>
    public const string WatchRing = "dp_nat_watch";

    /// <summary>The ring of <see cref="Layout.NatEvent"/> for who keeps a log.</summary>
    public const string LogRing = "dp_nat_log";

    /// <summary>An array of <see cref="Layout.NatListener"/>, one for each of the rings, in this order.</summary>
    public const string Listeners = "dp_nat_listeners";

    /// <summary>A per-CPU array, <see cref="Layout.NatListening.ListenerCounts"/> for each listener: events lost, packets held back.</summary>
    public const string Untold = "dp_nat_untold";

    /// <summary>A per-CPU array of <see cref="Layout.NatPace"/>, <see cref="Layout.NatListening.Reasons"/> for each listener.</summary>
    public const string Paces = "dp_nat_paces";

    /// <summary>The section of the knobs.</summary>
    public const string Knobs = ".rodata";

    /// <summary>Knob, 8-bit: whether the kernel's helper for checksums knows IPv6, since Linux 6.16. Default: 0.</summary>
    public const string KnowsIPv6Sums = "dp_knows_ipv6_sums";

    /// <summary>Knob, 8-bit: what becomes of protocols whose ports cannot be changed: 0 they are dropped (default), 1 they pass, 2 their address alone is changed.</summary>
    public const string Others = "dp_nat_others";

    /// <summary>Knob, 8-bit: whether a source's datagrams leave by one port, whoever they are for: 0 no (default), 1 yes.</summary>
    public const string IsIndependent = "dp_nat_independent";

    /// <summary>The object file.</summary>
    public static byte[] Read() => ObjectFile.Read("masquerade.bpf.o");
}
