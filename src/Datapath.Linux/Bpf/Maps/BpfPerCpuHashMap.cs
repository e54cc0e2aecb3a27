namespace Datapath.Linux.Bpf;

/// <summary>
/// Elements of a hash map that has a value for each CPU (<see cref="MapType.PerCpuHash"/>, <see cref="MapType.LruPerCpuHash"/>). Does not own the map.
/// </summary>
/// <typeparam name="TKey">The key. Every byte counts, so a struct with padding is refused.</typeparam>
/// <typeparam name="TValue">One CPU's value.</typeparam>
/// <remarks>Minimum kernel: 4.13, as <see cref="BpfMap"/>; in bulk 5.6, with a fall-back; taking 5.14.</remarks>
public sealed unsafe partial class BpfPerCpuHashMap<TKey, TValue>
    where TKey : unmanaged
    where TValue : unmanaged
{
    private readonly BpfMap _map;
    private readonly MapCalls _calls;
    private readonly MapBulk<TKey> _bulk;

    internal BpfPerCpuHashMap(BpfMap map)
    {
        MapLayoutException.ThrowUnless(map.Info.Type is MapType.PerCpuHash or MapType.LruPerCpuHash, map.Info, "is no per-CPU hash");
        MapLayoutException.ThrowIfSizeDiffers<TKey>(map.Info, "key", map.Info.KeySize);
        MapLayoutException.ThrowIfSizeDiffers<TValue>(map.Info, "value", map.Info.ValueSize);
        (_map, _calls, _bulk) = (map, new(map), new(new(map), PerCpuValues<TValue>.Size));
    }

    /// <summary>How many values an element has: one for each CPU that there could ever be, by the CPU's number.</summary>
    public int ValuesPerElement { get; } = PossibleCpus.Count;

    /// <inheritdoc cref="BpfHashMap{TKey, TValue}.Keys"/>
    public IEnumerable<TKey> Keys => MapKeys.Walk<TKey>(_map);

    /// <summary>Copies an element's values out of the kernel. Neither a hit nor a miss allocates.</summary>
    /// <param name="key">The key.</param>
    /// <param name="values">Receives a value for each possible CPU; unchanged after a miss.</param>
    /// <returns>Whether there is such an element.</returns>
    /// <exception cref="ArgumentException">There is not room for exactly one value for each CPU.</exception>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public bool TryGetValues(in TKey key, Span<TValue> values)
    {
        var errno = Read(BpfCommand.MapLookupElem, in key, values);
        if (errno is Errno.ENOENT)
            return false;
        _calls.ThrowIfRefused(errno, $"look up a key in map '{_calls.Name}'");
        return true;
    }

    /// <summary>Removes an element and copies its values out of the kernel in one step. Neither a hit nor a miss allocates. Minimum kernel: 5.14.</summary>
    /// <param name="key">The key.</param>
    /// <param name="values">Receives the value that each possible CPU had; unchanged after a miss.</param>
    /// <returns>Whether there was such an element.</returns>
    /// <exception cref="ArgumentException">There is not room for exactly one value for each CPU.</exception>
    /// <exception cref="FeatureNotSupportedException">The kernel is older.</exception>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public bool TryTake(in TKey key, Span<TValue> values) => _calls.IsTaken(Read(BpfCommand.MapLookupAndDeleteElem, in key, values));

    /// <summary>Adds an element or replaces its values.</summary>
    /// <param name="key">The key.</param>
    /// <param name="values">A value for each possible CPU.</param>
    /// <exception cref="ArgumentException">There is not exactly one value for each CPU.</exception>
    /// <exception cref="BpfException">The kernel refused; <see cref="Errno.E2BIG"/> if the map is full.</exception>
    public void Set(in TKey key, ReadOnlySpan<TValue> values) =>
        _calls.ThrowIfRefused(Update(in key, values, 0), $"update a key of map '{_calls.Name}'");

    /// <summary>Adds an element, unless its key is there.</summary>
    /// <param name="key">The key.</param>
    /// <param name="values">A value for each possible CPU.</param>
    /// <returns>Whether it was added.</returns>
    /// <exception cref="ArgumentException">There is not exactly one value for each CPU.</exception>
    /// <exception cref="BpfException">The kernel refused; <see cref="Errno.E2BIG"/> if the map is full.</exception>
    public bool TryAdd(in TKey key, ReadOnlySpan<TValue> values) => _calls.IsAdded(Update(in key, values, MapCalls.OnlyNew), "a key");

    /// <summary>Replaces an element's values, if there is such an element (<c>BPF_EXIST</c>).</summary>
    /// <param name="key">The key.</param>
    /// <param name="values">A value for each possible CPU.</param>
    /// <returns>Whether they were replaced.</returns>
    /// <exception cref="ArgumentException">There is not exactly one value for each CPU.</exception>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public bool TryReplace(in TKey key, ReadOnlySpan<TValue> values) => _calls.IsReplaced(Update(in key, values, MapCalls.OnlyExisting), "a key");

    /// <summary>Removes an element.</summary>
    /// <param name="key">The key.</param>
    /// <returns>Whether there was such an element.</returns>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public bool Remove(in TKey key)
    {
        fixed (TKey* k = &key)
            return _calls.Remove(k, "a key");
    }

    private Errno Read(BpfCommand command, in TKey key, Span<TValue> values)
    {
        PerCpuValues<TValue>.ThrowUnlessOneEach(values.Length, _calls.Name, nameof(values));
        var buffer = PerCpuValues<TValue>.Rent(1);
        fixed (TKey* k = &key)
        fixed (byte* data = buffer)
        {
            var errno = command is BpfCommand.MapLookupElem ? _calls.Lookup(k, data) : _calls.Take(k, data);
            if (errno is Errno.None)
                PerCpuValues<TValue>.Unpack(buffer, values);
            PerCpuValues<TValue>.Return(buffer);
            return errno;
        }
    }

    private Errno Update(in TKey key, ReadOnlySpan<TValue> values, ulong flags)
    {
        PerCpuValues<TValue>.ThrowUnlessOneEach(values.Length, _calls.Name, nameof(values));
        var buffer = PerCpuValues<TValue>.Rent(1);
        PerCpuValues<TValue>.Pack(values, buffer);
        fixed (TKey* k = &key)
        fixed (byte* data = buffer)
        {
            var errno = _calls.Update(k, data, flags);
            PerCpuValues<TValue>.Return(buffer);
            return errno;
        }
    }
}
