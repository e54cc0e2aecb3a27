using System.Collections.Immutable;

namespace Datapath.Linux.Bpf;

/// <summary>The CPUs that run now.</summary>
internal static class OnlineCpus
{
    private const string Path = "/sys/devices/system/cpu/online";

    /// <summary>Their numbers; there is at least one.</summary>
    /// <exception cref="LinuxException">The kernel's list cannot be read, or is none.</exception>
    public static ImmutableArray<int> Read() => Parse(KernelFile.Read(Path));

    internal static ImmutableArray<int> Parse(string text) => CpuList.Parse(Path, text);
}
