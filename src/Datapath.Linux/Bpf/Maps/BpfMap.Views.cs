using System.Diagnostics.CodeAnalysis;

namespace Datapath.Linux.Bpf;

// The typed views, one for each kind. Each first checks kind and sizes, then looks for padding.
public sealed unsafe partial class BpfMap
{
    /// <summary>A view of a hash map's elements.</summary>
    /// <typeparam name="TKey">The key.</typeparam>
    /// <typeparam name="TValue">The value.</typeparam>
    /// <exception cref="MapLayoutException">The map is of another kind, or a type has another size or padding.</exception>
    public BpfHashMap<TKey, TValue> AsHash<[DynamicallyAccessedMembers(PaddingFinder.Fields)] TKey, [DynamicallyAccessedMembers(PaddingFinder.Fields)] TValue>()
        where TKey : unmanaged
        where TValue : unmanaged
    {
        var view = new BpfHashMap<TKey, TValue>(this);
        MapLayoutException.ThrowIfPadded<TKey>(Info, "key");
        MapLayoutException.ThrowIfPadded<TValue>(Info, "value");
        return view;
    }

    /// <summary>A view of the elements of a hash map that has a value for each CPU.</summary>
    /// <typeparam name="TKey">The key.</typeparam>
    /// <typeparam name="TValue">The value.</typeparam>
    /// <exception cref="MapLayoutException">The map is of another kind, or a type has another size or padding.</exception>
    public BpfPerCpuHashMap<TKey, TValue> AsPerCpuHash<[DynamicallyAccessedMembers(PaddingFinder.Fields)] TKey, [DynamicallyAccessedMembers(PaddingFinder.Fields)] TValue>()
        where TKey : unmanaged
        where TValue : unmanaged
    {
        var view = new BpfPerCpuHashMap<TKey, TValue>(this);
        MapLayoutException.ThrowIfPadded<TKey>(Info, "key");
        MapLayoutException.ThrowIfPadded<TValue>(Info, "value");
        return view;
    }

    /// <summary>A view of an array's elements.</summary>
    /// <typeparam name="TValue">The value.</typeparam>
    /// <exception cref="MapLayoutException">The map is of another kind, or a type has another size or padding.</exception>
    public BpfArray<TValue> AsArray<[DynamicallyAccessedMembers(PaddingFinder.Fields)] TValue>()
        where TValue : unmanaged
    {
        var view = new BpfArray<TValue>(this);
        MapLayoutException.ThrowIfPadded<TValue>(Info, "value");
        return view;
    }

    /// <summary>A view of an array that has a value for each CPU.</summary>
    /// <typeparam name="TValue">The value.</typeparam>
    /// <exception cref="MapLayoutException">The map is of another kind, or a type has another size or padding.</exception>
    public BpfPerCpuArray<TValue> AsPerCpuArray<[DynamicallyAccessedMembers(PaddingFinder.Fields)] TValue>()
        where TValue : unmanaged
    {
        var view = new BpfPerCpuArray<TValue>(this);
        MapLayoutException.ThrowIfPadded<TValue>(Info, "value");
        return view;
    }

    /// <summary>A view of a trie's prefixes.</summary>
    /// <typeparam name="TKey">The key.</typeparam>
    /// <typeparam name="TValue">The value.</typeparam>
    /// <exception cref="MapLayoutException">The map is of another kind, or a type has another size or padding.</exception>
    public BpfLpmTrie<TKey, TValue> AsLpmTrie<[DynamicallyAccessedMembers(PaddingFinder.Fields)] TKey, [DynamicallyAccessedMembers(PaddingFinder.Fields)] TValue>()
        where TKey : unmanaged
        where TValue : unmanaged
    {
        var view = new BpfLpmTrie<TKey, TValue>(this);
        MapLayoutException.ThrowIfPadded<TKey>(Info, "key");
        MapLayoutException.ThrowIfPadded<TValue>(Info, "value");
        return view;
    }

    /// <summary>A view of a queue.</summary>
    /// <typeparam name="T">The value.</typeparam>
    /// <exception cref="MapLayoutException">The map is of another kind, or a type has another size or padding.</exception>
    public BpfQueue<T> AsQueue<[DynamicallyAccessedMembers(PaddingFinder.Fields)] T>()
        where T : unmanaged
    {
        var view = new BpfQueue<T>(this);
        MapLayoutException.ThrowIfPadded<T>(Info, "value");
        return view;
    }

    /// <summary>A view of a stack.</summary>
    /// <typeparam name="T">The value.</typeparam>
    /// <exception cref="MapLayoutException">The map is of another kind, or a type has another size or padding.</exception>
    public BpfStack<T> AsStack<[DynamicallyAccessedMembers(PaddingFinder.Fields)] T>()
        where T : unmanaged
    {
        var view = new BpfStack<T>(this);
        MapLayoutException.ThrowIfPadded<T>(Info, "value");
        return view;
    }

    /// <summary>A view of an array or a hash map of maps.</summary>
    /// <typeparam name="TKey">The key.</typeparam>
    /// <exception cref="MapLayoutException">The map is of another kind, or a type has another size or padding.</exception>
    public BpfMapOfMaps<TKey> AsMapOfMaps<[DynamicallyAccessedMembers(PaddingFinder.Fields)] TKey>()
        where TKey : unmanaged
    {
        var view = new BpfMapOfMaps<TKey>(this);
        MapLayoutException.ThrowIfPadded<TKey>(Info, "key");
        return view;
    }

    /// <summary>A view of the values of sockets.</summary>
    /// <typeparam name="TValue">The value.</typeparam>
    /// <exception cref="MapLayoutException">The map is of another kind, or a type has another size or padding.</exception>
    public BpfSocketStorage<TValue> AsSocketStorage<[DynamicallyAccessedMembers(PaddingFinder.Fields)] TValue>()
        where TValue : unmanaged
    {
        var view = new BpfSocketStorage<TValue>(this);
        MapLayoutException.ThrowIfPadded<TValue>(Info, "value");
        return view;
    }

    /// <summary>A view of the elements as plain bytes, of any kind of map that has keys.</summary>
    /// <exception cref="MapLayoutException">The map has no keys: a queue, a stack, a ring or a filter.</exception>
    public BpfMapBytes AsBytes() => new(this);

    /// <summary>A view of an array of programs.</summary>
    /// <exception cref="MapLayoutException">The map is of another kind.</exception>
    public BpfProgramArray AsProgramArray() => new(this);

    /// <summary>Maps a mappable array into this process's memory. Minimum kernel: 5.5.</summary>
    /// <typeparam name="TValue">The value.</typeparam>
    /// <exception cref="MapLayoutException">The map is no mappable array, or the type has another size or padding.</exception>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public BpfMappedArray<TValue> MapMemory<[DynamicallyAccessedMembers(PaddingFinder.Fields)] TValue>()
        where TValue : unmanaged
    {
        MapLayoutException.ThrowIfPadded<TValue>(Info, "value");
        return new(this);
    }
}
