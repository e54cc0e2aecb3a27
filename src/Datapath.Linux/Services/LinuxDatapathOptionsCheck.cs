using System.Numerics;
using Datapath.BpfObjects.Layout;

namespace Datapath.Linux.Services;

/// <summary>Refuses options that make no sense, before the kernel is asked for anything.</summary>
internal static class LinuxDatapathOptionsCheck
{
    private const int MostEntries = 1 << 24;
    private const int MinTraceBuffer = 4096;
    private const int MaxTraceBuffer = 1 << 29;

    /// <exception cref="ArgumentException">An option has a value that it must not have; the message names it.</exception>
    public static void ThrowIfInvalid(LinuxDatapathOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        OptionCheck.ThrowIfUnknown(options.Lifetime);
        OptionCheck.ThrowIfUnknown(options.NoBackend);
        OptionCheck.ThrowIfUnknown(options.StaleTcp);
        OptionCheck.ThrowIfNoPath(options.BpfRoot);
        OptionCheck.ThrowIfNoPath(options.HostNetworkNamespace);
        if (options.CgroupRoot is not null)
            OptionCheck.ThrowIfNoPath(options.CgroupRoot);
        OptionCheck.ThrowIfNoPaths(options.ExemptCgroups);
        OptionCheck.ThrowIfNoPaths(options.ExemptNetworkNamespaces);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxFrontends, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MaxFrontends, MostEntries);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxSlots, 64);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MaxSlots, FrontendValue.MaxFirst + 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxStickyClients, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MaxStickyClients, MostEntries);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.ConnectFallback, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.ConnectFallback, TimeSpan.FromDays(1));
        if (!BitOperations.IsPow2(options.TraceBufferSize) || options.TraceBufferSize is < MinTraceBuffer or > MaxTraceBuffer)
            throw new ArgumentOutOfRangeException(nameof(options), options.TraceBufferSize, $"TraceBufferSize must be a power of two, {MinTraceBuffer} to {MaxTraceBuffer}");
    }
}
