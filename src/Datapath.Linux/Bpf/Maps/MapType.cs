namespace Datapath.Linux.Bpf;

/// <summary>The kinds of maps (<c>enum bpf_map_type</c>).</summary>
/// <remarks>Minimum kernel: 3.19 for the oldest; each says its own.</remarks>
public enum MapType : uint
{
    /// <summary>A hash table. Minimum kernel: 3.19.</summary>
    Hash = 1,

    /// <summary>An array, all elements always there. Minimum kernel: 3.19; memory-mapped: 5.5.</summary>
    Array = 2,

    /// <summary>Programs to jump to (tail calls). Minimum kernel: 4.2.</summary>
    ProgramArray = 3,

    /// <summary>A hash table with a value for each CPU. Minimum kernel: 4.6.</summary>
    PerCpuHash = 5,

    /// <summary>An array with a value for each CPU. Minimum kernel: 4.6.</summary>
    PerCpuArray = 6,

    /// <summary>A hash table that drops what was used longest ago when it is full. Minimum kernel: 4.10.</summary>
    LruHash = 9,

    /// <summary>The same with a value for each CPU. Minimum kernel: 4.10.</summary>
    LruPerCpuHash = 10,

    /// <summary>Prefixes of keys; a lookup finds the longest that matches. Minimum kernel: 4.11.</summary>
    LpmTrie = 11,

    /// <summary>An array of maps. Minimum kernel: 4.12.</summary>
    ArrayOfMaps = 12,

    /// <summary>A hash table of maps. Minimum kernel: 4.12.</summary>
    HashOfMaps = 13,

    /// <summary>First in, first out. Minimum kernel: 4.20.</summary>
    Queue = 22,

    /// <summary>Last in, first out. Minimum kernel: 4.20.</summary>
    Stack = 23,

    /// <summary>A value for each socket, freed with it. Minimum kernel: 5.2.</summary>
    SkStorage = 24,

    /// <summary>Records for user space, in the order in which they were reserved. Minimum kernel: 5.8.</summary>
    RingBuffer = 27,

    /// <summary>Records for programs, in the order in which user space wrote them. Minimum kernel: 6.1.</summary>
    UserRingBuffer = 31,
}
