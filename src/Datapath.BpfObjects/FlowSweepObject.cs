namespace Datapath.BpfObjects;

/// <summary>The object that ends the flows of egress NAT which are over (<c>flow_sweep.bpf.c</c>): its bytes and the names in it.</summary>
public static class FlowSweepObject
{
    /// <summary>The maps that it shares with the object of egress NAT, in which they are made.</summary>
    public static IReadOnlyList<string> SharedMaps { get; } =
    [
        MasqueradeObject.Flows4, MasqueradeObject.Flows6, MasqueradeObject.State, MasqueradeObject.WatchRing, MasqueradeObject.LogRing, MasqueradeObject.Listeners,
        MasqueradeObject.Untold, MasqueradeObject.Paces,
    ];

    /// <summary>An array of one <see cref="Layout.SweepOrder"/>.</summary>
    public const string Order = "dp_sweep_order";

    /// <summary>The iterator over IPv4 flows. It writes nothing: <see cref="Layout.SweepOrder.Ended"/> counts.</summary>
    public const string Sweep4 = "dp_sweep_flows4";

    /// <summary>The iterator over IPv6 flows, likewise.</summary>
    public const string Sweep6 = "dp_sweep_flows6";

    /// <summary>The section of the knobs.</summary>
    public const string Knobs = ".rodata";

    /// <summary>Knob, 32-bit: seconds that a TCP flow lives without an answer. Default: 60.</summary>
    public const string TcpOpening = "dp_tcp_opening";

    /// <summary>Knob, 32-bit: seconds that an idle TCP flow lives. Default: 7440 (RFC 5382).</summary>
    public const string TcpEstablished = "dp_tcp_established";

    /// <summary>Knob, 32-bit: seconds that a TCP flow lives, idle, whose one side has ended. Default: 300.</summary>
    public const string TcpHalfClosed = "dp_tcp_half_closed";

    /// <summary>Knob, 32-bit: seconds that a TCP flow lives after its end. Default: 10.</summary>
    public const string TcpClosing = "dp_tcp_closing";

    /// <summary>Knob, 32-bit: seconds that another flow lives without an answer. Default: 30.</summary>
    public const string OneWay = "dp_one_way";

    /// <summary>Knob, 32-bit: seconds that another idle flow lives. Default: 120 (RFC 4787).</summary>
    public const string TwoWay = "dp_two_way";

    /// <summary>Knob, 32-bit: seconds that an idle echo lives. Default: 30.</summary>
    public const string Icmp = "dp_icmp";

    /// <summary>The object file.</summary>
    public static byte[] Read() => ObjectFile.Read("flow_sweep.bpf.o");
}
