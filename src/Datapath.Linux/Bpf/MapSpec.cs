namespace Datapath.Linux.Bpf;

/// <summary>What a map is to be. A spec is the same on every machine; change it before the load.</summary>
/// <remarks>Minimum kernel: none; it is pure.</remarks>
public sealed partial record MapSpec
{
    /// <summary>The name in the object. The kernel keeps the first 15 bytes.</summary>
    public required string Name { get; init; }

    /// <summary>The kind.</summary>
    public required MapType Type { get; init; }

    /// <summary>Bytes of a key.</summary>
    public required uint KeySize { get; init; }

    /// <summary>Bytes of a value.</summary>
    public required uint ValueSize { get; init; }

    /// <summary>The number of elements: a limit for a hash, exact for an array, 0 for socket storage.</summary>
    public required uint MaxEntries { get; set; }

    /// <summary>Flags of the kernel.</summary>
    public MapFlags Flags { get; init; }

    /// <summary>For a map of maps: what all maps in it are like. Nothing of it stays but the likeness.</summary>
    public MapSpec? InnerMap { get; init; }

    /// <summary>The key's type in the object's BTF; 0 if unknown.</summary>
    internal uint KeyTypeId { get; init; }

    /// <summary>The value's type in the object's BTF; 0 if unknown.</summary>
    internal uint ValueTypeId { get; init; }
}
