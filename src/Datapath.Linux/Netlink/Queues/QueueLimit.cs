namespace Datapath.Linux.Netlink;

/// <summary>How many may wait: the kernel counts further than anybody means.</summary>
internal static class QueueLimit
{
    /// <exception cref="ArgumentOutOfRangeException">The limit is negative, to the kernel four billion.</exception>
    internal static uint ToKernel(int limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        return (uint)limit;
    }

    internal static int FromKernel(uint limit) => (int)Math.Min(limit, int.MaxValue);
}
