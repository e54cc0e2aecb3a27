namespace Datapath.Linux.Netlink;

/// <summary>What an interface has counted since it was made. A namespace's loopback counts its own.</summary>
/// <param name="ReceivedPackets">Packets that came in.</param>
/// <param name="SentPackets">Packets that went out.</param>
/// <param name="ReceivedBytes">Bytes that came in, with the link headers.</param>
/// <param name="SentBytes">Bytes that went out, with the link headers.</param>
/// <param name="ReceiveErrors">Packets that came in broken.</param>
/// <param name="SendErrors">Packets that could not be sent.</param>
/// <param name="ReceiveDrops">Packets that came in and were dropped, for example for lack of room or by an XDP program.</param>
/// <param name="SendDrops">Packets dropped on the way out.</param>
/// <param name="Multicasts">Multicast packets that came in.</param>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public readonly record struct NetworkLinkStatistics(
    ulong ReceivedPackets,
    ulong SentPackets,
    ulong ReceivedBytes,
    ulong SentBytes,
    ulong ReceiveErrors,
    ulong SendErrors,
    ulong ReceiveDrops,
    ulong SendDrops,
    ulong Multicasts);
