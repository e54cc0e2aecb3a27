using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Datapath.Linux.Bpf;

// One method for each kind of map, for those that belong to no object file: BpfMap.Create(MapSpec.Hash<uint, ulong>("numbers", 16)).
public sealed partial record MapSpec
{
    /// <summary>A hash map.</summary>
    /// <typeparam name="TKey">The key.</typeparam>
    /// <typeparam name="TValue">The value.</typeparam>
    /// <param name="name">The name; the kernel keeps the first 15 bytes.</param>
    /// <param name="maxEntries">How many elements have room.</param>
    /// <param name="flags">Flags of the kernel.</param>
    /// <exception cref="MapLayoutException">A type has padding.</exception>
    public static MapSpec Hash<[DynamicallyAccessedMembers(PaddingFinder.Fields)] TKey, [DynamicallyAccessedMembers(PaddingFinder.Fields)] TValue>(
        string name, uint maxEntries, MapFlags flags = MapFlags.None)
        where TKey : unmanaged
        where TValue : unmanaged => Keyed<TKey, TValue>(name, MapType.Hash, maxEntries, flags);

    /// <summary>A hash map that drops what was used longest ago when it is full. Minimum kernel: 4.10.</summary>
    /// <inheritdoc cref="Hash{TKey, TValue}"/>
    public static MapSpec LruHash<[DynamicallyAccessedMembers(PaddingFinder.Fields)] TKey, [DynamicallyAccessedMembers(PaddingFinder.Fields)] TValue>(
        string name, uint maxEntries, MapFlags flags = MapFlags.None)
        where TKey : unmanaged
        where TValue : unmanaged => Keyed<TKey, TValue>(name, MapType.LruHash, maxEntries, flags);

    /// <summary>A hash map with a value for each CPU. Minimum kernel: 4.6.</summary>
    /// <inheritdoc cref="Hash{TKey, TValue}"/>
    public static MapSpec PerCpuHash<[DynamicallyAccessedMembers(PaddingFinder.Fields)] TKey, [DynamicallyAccessedMembers(PaddingFinder.Fields)] TValue>(
        string name, uint maxEntries, MapFlags flags = MapFlags.None)
        where TKey : unmanaged
        where TValue : unmanaged => Keyed<TKey, TValue>(name, MapType.PerCpuHash, maxEntries, flags);

    /// <summary>A hash map with a value for each CPU that drops what was used longest ago when it is full. Minimum kernel: 4.10.</summary>
    /// <inheritdoc cref="Hash{TKey, TValue}"/>
    public static MapSpec LruPerCpuHash<[DynamicallyAccessedMembers(PaddingFinder.Fields)] TKey, [DynamicallyAccessedMembers(PaddingFinder.Fields)] TValue>(
        string name, uint maxEntries, MapFlags flags = MapFlags.None)
        where TKey : unmanaged
        where TValue : unmanaged => Keyed<TKey, TValue>(name, MapType.LruPerCpuHash, maxEntries, flags);

    /// <summary>An array.</summary>
    /// <typeparam name="TValue">The value.</typeparam>
    /// <param name="name">The name; the kernel keeps the first 15 bytes.</param>
    /// <param name="maxEntries">The number of elements.</param>
    /// <param name="flags">Flags of the kernel.</param>
    /// <exception cref="MapLayoutException">The type has padding.</exception>
    public static MapSpec Array<[DynamicallyAccessedMembers(PaddingFinder.Fields)] TValue>(string name, uint maxEntries, MapFlags flags = MapFlags.None)
        where TValue : unmanaged => Keyed<uint, TValue>(name, MapType.Array, maxEntries, flags);

    /// <summary>An array with a value for each CPU. Minimum kernel: 4.6.</summary>
    /// <inheritdoc cref="Array{TValue}"/>
    public static MapSpec PerCpuArray<[DynamicallyAccessedMembers(PaddingFinder.Fields)] TValue>(string name, uint maxEntries, MapFlags flags = MapFlags.None)
        where TValue : unmanaged => Keyed<uint, TValue>(name, MapType.PerCpuArray, maxEntries, flags);

    /// <summary>A trie of prefixes. The kernel wants <see cref="MapFlags.NoPrealloc"/>, so it is always set. Minimum kernel: 4.11.</summary>
    /// <inheritdoc cref="Hash{TKey, TValue}"/>
    public static MapSpec LpmTrie<[DynamicallyAccessedMembers(PaddingFinder.Fields)] TKey, [DynamicallyAccessedMembers(PaddingFinder.Fields)] TValue>(
        string name, uint maxEntries, MapFlags flags = MapFlags.None)
        where TKey : unmanaged
        where TValue : unmanaged => Keyed<TKey, TValue>(name, MapType.LpmTrie, maxEntries, flags | MapFlags.NoPrealloc);

    /// <summary>A queue. Minimum kernel: 4.20.</summary>
    /// <inheritdoc cref="Array{TValue}"/>
    public static MapSpec Queue<[DynamicallyAccessedMembers(PaddingFinder.Fields)] TValue>(string name, uint maxEntries, MapFlags flags = MapFlags.None)
        where TValue : unmanaged => Keyed<uint, TValue>(name, MapType.Queue, maxEntries, flags) with { KeySize = 0 };

    /// <summary>A stack. Minimum kernel: 4.20.</summary>
    /// <inheritdoc cref="Array{TValue}"/>
    public static MapSpec Stack<[DynamicallyAccessedMembers(PaddingFinder.Fields)] TValue>(string name, uint maxEntries, MapFlags flags = MapFlags.None)
        where TValue : unmanaged => Keyed<uint, TValue>(name, MapType.Stack, maxEntries, flags) with { KeySize = 0 };

    /// <summary>An array of programs to jump to. Minimum kernel: 4.2.</summary>
    /// <param name="name">The name; the kernel keeps the first 15 bytes.</param>
    /// <param name="maxEntries">The number of places.</param>
    /// <param name="flags">Flags of the kernel.</param>
    public static MapSpec ProgramArray(string name, uint maxEntries, MapFlags flags = MapFlags.None) =>
        Keyed<uint, uint>(name, MapType.ProgramArray, maxEntries, flags);

    /// <summary>An array of maps. Minimum kernel: 4.12.</summary>
    /// <param name="name">The name; the kernel keeps the first 15 bytes.</param>
    /// <param name="maxEntries">The number of places.</param>
    /// <param name="inner">What all maps in it are like.</param>
    /// <param name="flags">Flags of the kernel.</param>
    public static MapSpec ArrayOfMaps(string name, uint maxEntries, MapSpec inner, MapFlags flags = MapFlags.None) =>
        Keyed<uint, uint>(name, MapType.ArrayOfMaps, maxEntries, flags) with { InnerMap = inner };

    /// <summary>A hash map of maps. Minimum kernel: 4.12.</summary>
    /// <typeparam name="TKey">The key.</typeparam>
    /// <exception cref="MapLayoutException">The key has padding.</exception>
    /// <inheritdoc cref="ArrayOfMaps"/>
    public static MapSpec HashOfMaps<[DynamicallyAccessedMembers(PaddingFinder.Fields)] TKey>(
        string name, uint maxEntries, MapSpec inner, MapFlags flags = MapFlags.None)
        where TKey : unmanaged => Keyed<TKey, uint>(name, MapType.HashOfMaps, maxEntries, flags) with { InnerMap = inner };

    /// <summary>A value for each socket. Minimum kernel: 5.2.</summary>
    /// <typeparam name="TValue">The value.</typeparam>
    /// <param name="name">The name; the kernel keeps the first 15 bytes.</param>
    /// <exception cref="MapLayoutException">The type has padding.</exception>
    public static MapSpec SocketStorage<[DynamicallyAccessedMembers(PaddingFinder.Fields)] TValue>(string name)
        where TValue : unmanaged => Keyed<uint, TValue>(name, MapType.SkStorage, 0, MapFlags.NoPrealloc);

    private static MapSpec Keyed<[DynamicallyAccessedMembers(PaddingFinder.Fields)] TKey, [DynamicallyAccessedMembers(PaddingFinder.Fields)] TValue>(
        string name, MapType type, uint maxEntries, MapFlags flags)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        MapLayoutException.ThrowIfPadded<TKey>(name, type, "key");
        MapLayoutException.ThrowIfPadded<TValue>(name, type, "value");
        return new()
        {
            Name = name,
            Type = type,
            KeySize = (uint)Unsafe.SizeOf<TKey>(),
            ValueSize = (uint)Unsafe.SizeOf<TValue>(),
            MaxEntries = maxEntries,
            Flags = flags,
        };
    }
}
