namespace Datapath.Linux.Bpf;

/// <summary>How many CPUs the kernel keeps per-CPU values for: all that could ever come, not just those that run.</summary>
internal static class PossibleCpus
{
    private const string Path = "/sys/devices/system/cpu/possible";

    // A failure is not kept, as sysfs may be mounted later.
    private static readonly Lazy<(int Count, int Number)> s_cpus = new(
        static () =>
        {
            var text = KernelFile.Read(Path);
            return (Parse(text), CpuList.Parse(Path, text).Length);
        },
        LazyThreadSafetyMode.PublicationOnly);

    /// <exception cref="LinuxException">The kernel's list cannot be read, or is none.</exception>
    public static int Count => s_cpus.Value.Count;

    /// <summary>How many they are, which is less than <see cref="Count"/> where numbers have gaps.</summary>
    public static int Number => s_cpus.Value.Number;

    // The highest number counts, because numbers may have gaps and the kernel's arrays have none.
    internal static int Parse(string text) => CpuList.Parse(Path, text)[^1] + 1;
}
