using System.Collections.Immutable;

namespace Datapath.Linux.Bpf;

/// <summary>What a map is to be. A spec is the same on every machine; change it before the load.</summary>
/// <remarks>Minimum kernel: none; it is pure.</remarks>
public sealed partial record MapSpec
{
    /// <summary>The name; at first the one in the object. The kernel keeps the first 15 bytes. A shared map is pinned under it.</summary>
    public required string Name { get; set; }

    /// <summary>The kind.</summary>
    public required MapType Type { get; set; }

    /// <summary>Bytes of a key.</summary>
    public required uint KeySize
    {
        get;
        set => (field, KeyTypeId) = (value, value == field ? KeyTypeId : 0); // another size is another type
    }

    /// <summary>Bytes of a value.</summary>
    public required uint ValueSize
    {
        get;
        set => (field, ValueTypeId) = (value, value == field ? ValueTypeId : 0);
    }

    /// <summary>
    /// The number of elements: a limit for a hash, exact for an array, 0 for socket storage. 0 gives an array of performance events
    /// (<see cref="MapType.PerfEventArray"/>) a place for each CPU that there could ever be.
    /// </summary>
    public required uint MaxEntries { get; set; }

    /// <summary>Flags of the kernel.</summary>
    public MapFlags Flags { get; set; }

    /// <summary>The node whose memory the map takes; any if <see langword="null"/>. Minimum kernel: 4.14.</summary>
    public uint? NumaNode { get; set; }

    /// <summary>A number that only some kinds have a use for (<c>map_extra</c>). Minimum kernel: 5.16.</summary>
    public ulong Extra { get; set; }

    /// <summary>Whether the map is shared with whoever loads the object later. For maps of objects; <see cref="BpfMap.Create(MapSpec)"/> pins nothing.</summary>
    public MapPinning Pinning { get; set; }

    /// <summary>For a map of maps: what all maps in it are like. Nothing of it stays but the likeness.</summary>
    public MapSpec? InnerMap { get; set; }

    /// <summary>
    /// What a map of maps or an array of programs holds when the object has been loaded: names of the object's maps or programs, by index or
    /// key. Places of programs that are not enabled stay empty. For maps of objects.
    /// </summary>
    public ImmutableSortedDictionary<uint, string> Values { get; set; } = ImmutableSortedDictionary<uint, string>.Empty;

    /// <summary>The key's type in the object's BTF; 0 if unknown.</summary>
    internal uint KeyTypeId { get; set; }

    /// <summary>The value's type in the object's BTF; 0 if unknown.</summary>
    internal uint ValueTypeId { get; set; }

    /// <summary>Whether it stands for a section of variables, whose type has a value and no key.</summary>
    internal bool IsDataSection { get; init; }

    /// <summary>What the kernel is asked for.</summary>
    internal uint Room => MaxEntries == 0 && Type is MapType.PerfEventArray ? (uint)PossibleCpus.Count : MaxEntries;

    internal MapFlags AllFlags => NumaNode is null ? Flags : Flags | MapFlags.NumaNode;
}
