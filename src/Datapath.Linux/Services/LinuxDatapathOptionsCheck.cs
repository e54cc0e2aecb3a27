using System.Collections.Immutable;
using System.Numerics;
using System.Runtime.CompilerServices;
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
        ThrowIfUnknown(options.Lifetime);
        ThrowIfUnknown(options.NoBackend);
        ThrowIfUnknown(options.StaleTcp);
        ThrowIfNoPath(options.BpfRoot);
        ThrowIfNoPath(options.HostNetworkNamespace);
        if (options.CgroupRoot is not null)
            ThrowIfNoPath(options.CgroupRoot);
        ThrowIfNoPaths(options.ExemptCgroups);
        ThrowIfNoPaths(options.ExemptNetworkNamespaces);
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

    private static void ThrowIfUnknown<T>(T value, [CallerArgumentExpression(nameof(value))] string? option = null)
        where T : struct, Enum
    {
        if (!Enum.IsDefined(value))
            throw new ArgumentOutOfRangeException(option, value, $"must be one of {string.Join(", ", Enum.GetNames<T>())}");
    }

    private static void ThrowIfNoPath(string? path, [CallerArgumentExpression(nameof(path))] string? option = null)
    {
        if (!Path.IsPathRooted(path) || path.Contains('\0', StringComparison.Ordinal))
            throw new ArgumentException($"'{path}' must be an absolute path", option);
    }

    private static void ThrowIfNoPaths(ImmutableArray<string> paths, [CallerArgumentExpression(nameof(paths))] string? option = null)
    {
        if (paths.IsDefault)
            throw new ArgumentException("must be a list; an empty one for none", option);
        for (var i = 0; i < paths.Length; i++)
            ThrowIfNoPath(paths[i], $"{option}[{i}]");
    }
}
