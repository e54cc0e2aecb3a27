using System.Collections.Immutable;
using System.Globalization;

namespace Datapath.Linux.Bpf;

/// <summary>The CPUs that run now.</summary>
internal static class OnlineCpus
{
    private const string Path = "/sys/devices/system/cpu/online";

    /// <summary>Their numbers; there is at least one.</summary>
    /// <exception cref="LinuxException">The kernel's list cannot be read, or is none.</exception>
    public static ImmutableArray<int> Read() => Parse(KernelFile.Read(Path));

    // "0-3,5"
    internal static ImmutableArray<int> Parse(string text)
    {
        var cpus = ImmutableArray.CreateBuilder<int>();
        foreach (var range in text.Trim().Split(','))
        {
            var dash = range.IndexOf('-', StringComparison.Ordinal);
            if (!int.TryParse(dash < 0 ? range : range[..dash], NumberStyles.None, CultureInfo.InvariantCulture, out var first)
                || !int.TryParse(range[(dash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var last)
                || last < first || last >= 1 << 16)
                throw new LinuxException($"read '{Path}'", Errno.EINVAL, $"'{text.Trim()}' is no list of CPUs");
            cpus.AddRange(Enumerable.Range(first, last - first + 1));
        }

        return cpus.ToImmutable();
    }
}
