using Datapath.BpfObjects;
using Datapath.Linux.Bpf;

namespace Datapath.Linux.Services;

/// <summary>The program that notes which backends do not take connections.</summary>
internal static class ConnectFallbackPrograms
{
    /// <summary>Loads it if it is asked for.</summary>
    /// <param name="options">What the datapath is to be.</param>
    /// <param name="maps">The maps of socket load balancing.</param>
    /// <returns><see langword="null"/> if it is not asked for.</returns>
    /// <exception cref="LinuxException">The kernel refused, or has no types of its own.</exception>
    public static BpfObject? Load(LinuxDatapathOptions options, IReadOnlyDictionary<string, BpfMap> maps) => options.ConnectFallback == TimeSpan.Zero
        ? null
        : BpfObject.Load(
            options.Objects.ConnectFallback(),
            new() { ReusedMaps = ConnectFallbackObject.SharedMaps.ToDictionary(static name => name, name => maps[name]) });
}
