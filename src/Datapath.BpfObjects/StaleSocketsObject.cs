namespace Datapath.BpfObjects;

/// <summary>The object that ends stale sockets (<c>stale_sockets.bpf.c</c>): its bytes and the names in it.</summary>
public static class StaleSocketsObject
{
    /// <summary>The maps that it shares with the object of socket load balancing, in which they are made.</summary>
    public static IReadOnlyList<string> SharedMaps { get; } = ["dp_places4", "dp_places6", "dp_peer4", "dp_peer6", SocketLbObject.Clients, SocketLbObject.State, SocketLbObject.Counters];

    /// <summary>The hash of what to look for, IPv4: <see cref="Layout.RetiredBackend4"/> to <see cref="Layout.StayingSets"/>.</summary>
    public const string Retired4 = "dp_retired4";

    /// <summary>The hash of what to look for, IPv6: <see cref="Layout.RetiredBackend6"/> to <see cref="Layout.StayingSets"/>.</summary>
    public const string Retired6 = "dp_retired6";

    /// <summary>The cookie of the network namespace whose sockets are walked over, 64 bits.</summary>
    public const string Walked = "dp_walked";

    /// <summary>The iterator over TCP sockets. It writes the cookie, 64 bits, of each stale one.</summary>
    public const string Tcp = "dp_stale_tcp";

    /// <summary>The iterator over UDP sockets. It writes the cookie, 64 bits, of each stale one.</summary>
    public const string Udp = "dp_stale_udp";

    /// <summary>The iterator over TCP sockets that writes a <see cref="Layout.LedSocket"/> for each that a frontend led to where it is connected.</summary>
    public const string LedTcp = "dp_led_tcp";

    /// <summary>The iterator over UDP sockets that does the same.</summary>
    public const string LedUdp = "dp_led_udp";

    /// <summary>The section of the knobs.</summary>
    public const string Knobs = ".rodata";

    /// <summary>Knob, 8-bit: 1 if stale sockets are only to be listed, for kernels whose programs cannot end them. Default: 0.</summary>
    public const string IsOnlyListed = "dp_is_only_listed";

    /// <summary>Knob, 8-bit: 1 if the machine may reorder loads, which x64 does not. Default: 0.</summary>
    public const string IsWeaklyOrdered = SocketLbObject.IsWeaklyOrdered;

    /// <summary>The object file.</summary>
    public static byte[] Read() => ObjectFile.Read("stale_sockets.bpf.o");
}
