namespace Datapath.Linux.Netlink;

/// <summary>How a <see cref="NetworkWatcher"/> works.</summary>
/// <remarks>Minimum kernel: 5.10, as <see cref="NetworkWatcher"/>.</remarks>
public sealed record NetworkWatcherOptions
{
    /// <summary>
    /// How many bytes of changes the kernel keeps for a reader that is late, its own bookkeeping not counted (a change takes some 1 to 4 KB of it).
    /// The default, 0, leaves it at net.core.rmem_default, some 200 KB. Without CAP_NET_ADMIN net.core.rmem_max is the limit.
    /// </summary>
    public int BufferLength { get; init; }
}
