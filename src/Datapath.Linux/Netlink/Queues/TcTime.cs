namespace Datapath.Linux.Netlink;

/// <summary>Times as the newer queueing disciplines take them.</summary>
internal static class TcTime
{
    internal static uint ToMicroseconds(TimeSpan time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(time, TimeSpan.FromMicroseconds(uint.MaxValue));
        return (uint)(time.Ticks / TimeSpan.TicksPerMicrosecond);
    }
}
