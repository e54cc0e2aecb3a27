using System.Net;
using Datapath.BpfObjects.Layout;
using Datapath.Linux;

namespace Datapath.Hosting.Tests.Masquerade;

/// <summary>Events as an engine would tell them.</summary>
internal static class Told
{
    public static readonly DateTimeOffset Time = new(2026, 11, 22, 8, 30, 15, 250, TimeSpan.Zero);

    public static MasqueradeMappingMade Made(ushort port = 3000, bool isIPv4 = true) => new()
    {
        Time = Time,
        Protocol = 17,
        Source = End(isIPv4 ? "10.98.0.2" : "fd98::2", port),
        Translated = End(isIPv4 ? "192.0.2.1" : "2001:db8::1", 40000),
        Destination = End(isIPv4 ? "198.51.100.1" : "2001:db8:99::1", 53),
        DeviceIndex = 2,
        Device = "eth0",
    };

    public static MasqueradeMappingEnded Ended(NatEnd reason, bool isIPv4 = true)
    {
        var made = Made(isIPv4: isIPv4);
        return new()
        {
            Time = Time,
            Protocol = made.Protocol,
            Source = made.Source,
            Translated = made.Translated,
            Destination = made.Destination,
            Reason = reason,
            Began = Time.AddSeconds(-150.5),
            LastPacket = Time.AddSeconds(-120),
        };
    }

    /// <param name="port">The port of its source.</param>
    /// <param name="age">Seconds.</param>
    /// <param name="isMapping">Whether it is what a source keeps towards all peers.</param>
    public static MasqueradeFlow Flow(ushort port, double age, bool isMapping = false) => new(
        End("10.98.0.2", port), End("192.0.2.1", 40000), isMapping ? End("192.0.2.1", 0) : End("198.51.100.1", 53), 17, TimeSpan.FromSeconds(age), TimeSpan.Zero, true);

    public static MasqueradePacketEvent Packet(NatCounter reason, long heldBack = 0, bool isDropped = true) => new()
    {
        Time = Time,
        Protocol = 17,
        Source = End("10.98.0.2", 3000),
        Destination = End("198.51.100.1", 53),
        Reason = reason,
        IsDropped = isDropped,
        IsIncoming = false,
        DeviceIndex = 2,
        Device = "eth0",
        HeldBack = heldBack,
    };

    private static FlowEnd End(string address, ushort port) => new(IPAddress.Parse(address), port);
}
