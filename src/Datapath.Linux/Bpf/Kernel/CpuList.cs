using System.Collections.Immutable;
using System.Globalization;

namespace Datapath.Linux.Bpf;

/// <summary>A list of CPUs as sysfs writes it: <c>0-3,5</c>.</summary>
internal static class CpuList
{
    /// <summary>The numbers of a list, ascending; there is at least one.</summary>
    /// <param name="path">The file, for the message.</param>
    /// <param name="text">What it holds.</param>
    /// <exception cref="LinuxException">That is no list of CPUs.</exception>
    public static ImmutableArray<int> Parse(string path, string text)
    {
        var cpus = ImmutableArray.CreateBuilder<int>();
        foreach (var range in text.Trim().Split(','))
        {
            var dash = range.IndexOf('-', StringComparison.Ordinal);
            if (!int.TryParse(dash < 0 ? range : range[..dash], NumberStyles.None, CultureInfo.InvariantCulture, out var first)
                || !int.TryParse(range[(dash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var last)
                || last < first || last >= 1 << 16)
                throw new LinuxException($"read '{path}'", Errno.EINVAL, $"'{text.Trim()}' is no list of CPUs");
            cpus.AddRange(Enumerable.Range(first, last - first + 1));
        }

        return cpus.ToImmutable();
    }
}
