using System.Globalization;

namespace Datapath.Linux.Bpf;

/// <summary>How many CPUs the kernel keeps per-CPU values for: all that could ever come, not just those that run.</summary>
internal static class PossibleCpus
{
    private const string Path = "/sys/devices/system/cpu/possible";

    // A failure is not kept, as sysfs may be mounted later.
    private static readonly Lazy<int> s_count = new(static () => Parse(KernelFile.Read(Path)), LazyThreadSafetyMode.PublicationOnly);
    private static readonly Lazy<int> s_number = new(static () => OnlineCpus.Parse(KernelFile.Read(Path)).Length, LazyThreadSafetyMode.PublicationOnly);

    /// <exception cref="LinuxException">The kernel's list cannot be read, or is none.</exception>
    public static int Count => s_count.Value;

    /// <summary>How many they are, which is less than <see cref="Count"/> where numbers have gaps.</summary>
    public static int Number => s_number.Value;

    // "0-3" or "0,2-7": the highest number counts, because numbers may have gaps and the kernel's arrays have none.
    internal static int Parse(string text)
    {
        var last = text.Trim().Split(',', '-')[^1];
        return int.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out var highest)
            ? highest + 1
            : throw new LinuxException($"read '{Path}'", Errno.EINVAL, $"'{text.Trim()}' is no list of CPUs");
    }
}
