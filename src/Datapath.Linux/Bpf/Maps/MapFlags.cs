namespace Datapath.Linux.Bpf;

/// <summary>Flags of a map (<c>BPF_F_*</c>).</summary>
/// <remarks>Minimum kernel: 4.6 for the oldest; each says its own.</remarks>
[Flags]
public enum MapFlags : uint
{
    /// <summary>No flag.</summary>
    None = 0,

    /// <summary><c>BPF_F_NO_PREALLOC</c>: elements are allocated when they are added. Minimum kernel: 4.6.</summary>
    NoPrealloc = 1 << 0,

    /// <summary><c>BPF_F_NO_COMMON_LRU</c>: each CPU has its own order of use, and its own part of the elements. Minimum kernel: 4.10.</summary>
    NoCommonLru = 1 << 1,

    /// <summary><c>BPF_F_NUMA_NODE</c>: memory of the NUMA node that the caller names. Minimum kernel: 4.14.</summary>
    NumaNode = 1 << 2,

    /// <summary><c>BPF_F_RDONLY</c>: this process may only read. Minimum kernel: 4.15.</summary>
    ReadOnlyForUser = 1 << 3,

    /// <summary><c>BPF_F_WRONLY</c>: this process may only write. Minimum kernel: 4.15.</summary>
    WriteOnlyForUser = 1 << 4,

    /// <summary><c>BPF_F_ZERO_SEED</c>: hashes are not seeded; for tests. Minimum kernel: 5.0.</summary>
    ZeroSeed = 1 << 6,

    /// <summary><c>BPF_F_RDONLY_PROG</c>: programs may only read. Minimum kernel: 5.2.</summary>
    ReadOnlyForPrograms = 1 << 7,

    /// <summary><c>BPF_F_WRONLY_PROG</c>: programs may only write. Minimum kernel: 5.2.</summary>
    WriteOnlyForPrograms = 1 << 8,

    /// <summary><c>BPF_F_MMAPABLE</c>: an array that can be mapped into memory. Minimum kernel: 5.5.</summary>
    Mappable = 1 << 10,

    /// <summary><c>BPF_F_INNER_MAP</c>: an array that may differ in length from the other inner maps. Minimum kernel: 5.10.</summary>
    InnerMap = 1 << 12,
}
