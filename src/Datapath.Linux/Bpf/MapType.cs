namespace Datapath.Linux.Bpf;

/// <summary>The kinds of maps (<c>enum bpf_map_type</c>).</summary>
public enum MapType : uint
{
    /// <summary>A hash table. Minimum kernel: 3.19.</summary>
    Hash = 1,

    /// <summary>An array, all elements always there. Minimum kernel: 3.19; memory-mapped: 5.5.</summary>
    Array = 2,

    /// <summary>An array with a value for each CPU. Minimum kernel: 4.6.</summary>
    PerCpuArray = 6,

    /// <summary>An array of maps. Minimum kernel: 4.12.</summary>
    ArrayOfMaps = 12,

    /// <summary>A value for each socket, freed with it. Minimum kernel: 5.2.</summary>
    SkStorage = 24,
}
