namespace Datapath.Linux.Netlink;

/// <summary>What the kernel knows a connection by.</summary>
/// <param name="Tuple">Its original direction, as the kernel writes it.</param>
/// <param name="Id">Its number: a later connection between the same ends has another.</param>
/// <param name="Zone">The zone in which it is followed; <see langword="null"/> if that is the common one.</param>
internal readonly record struct ConntrackKey(byte[] Tuple, uint Id, ushort? Zone);
