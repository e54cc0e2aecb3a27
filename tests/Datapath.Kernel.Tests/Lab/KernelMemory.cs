using System.Globalization;
using Datapath.Linux.Bpf;

namespace Datapath.Kernel.Tests.Lab;

/// <summary>What the kernel uses of memory, in bytes.</summary>
internal static class KernelMemory
{
    /// <summary>For its own objects, values of sockets among them.</summary>
    public static long Objects => (Read("Slab:") + Read("Percpu:")) * 1024;

    /// <summary>For a map.</summary>
    public static long Of(BpfMap map)
    {
        using var lease = map.Handle.Lease();
        return File.ReadLines($"/proc/self/fdinfo/{lease.Fd}").Where(static line => line.StartsWith("memlock:", StringComparison.Ordinal))
            .Select(static line => long.Parse(line.AsSpan("memlock:".Length), CultureInfo.InvariantCulture)).Single();
    }

    private static long Read(string name) => File.ReadLines("/proc/meminfo").Where(line => line.StartsWith(name, StringComparison.Ordinal))
        .Select(line => long.Parse(line.AsSpan(name.Length).Trim(" kB"), CultureInfo.InvariantCulture)).Single();
}
