namespace Datapath.Linux.Bpf;

/// <summary>Elements of a hash map (<see cref="MapType.Hash"/>, <see cref="MapType.LruHash"/>). Does not own the map.</summary>
/// <typeparam name="TKey">The key. Every byte counts, so a struct with padding is refused.</typeparam>
/// <typeparam name="TValue">The value.</typeparam>
/// <remarks>A map that drops what was used longest ago may drop any element at any time; a lookup counts as use.
/// Minimum kernel: 4.13, as <see cref="BpfMap"/>; in bulk 5.6, with a fall-back; taking 5.14.</remarks>
public sealed unsafe partial class BpfHashMap<TKey, TValue>
    where TKey : unmanaged
    where TValue : unmanaged
{
    private readonly BpfMap _map;
    private readonly MapCalls _calls;
    private readonly MapBulk<TKey> _bulk;

    internal BpfHashMap(BpfMap map)
        : this(map, new(map))
    {
        MapLayoutException.ThrowUnless(map.Info.Type is MapType.Hash or MapType.LruHash, map.Info, "is no hash");
        MapLayoutException.ThrowIfSizeDiffers<TKey>(map.Info, "key", map.Info.KeySize);
        MapLayoutException.ThrowIfSizeDiffers<TValue>(map.Info, "value", map.Info.ValueSize);
    }

    private BpfHashMap(BpfMap map, MapCalls calls) => (_map, _calls, _bulk) = (map, calls, new(calls, sizeof(TValue)));

    /// <summary>
    /// The keys, by one call of the kernel each. It always ends, after at most twice as many keys as the map has room for. Removing the key
    /// in hand is fine. While others remove keys the kernel may start over: a key may come twice, and one that is there may be missing.
    /// <see cref="ToList"/> has neither of these faults.
    /// </summary>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public IEnumerable<TKey> Keys => MapKeys.Walk<TKey>(_map);

    /// <summary>
    /// The same elements, each value read and written while its <c>struct bpf_spin_lock</c> is held (<c>BPF_F_LOCK</c>): neither this process nor a program that
    /// takes the lock sees a value half written. A value that is there is written in place. The lock itself reads as 0, and what is written to it counts for nothing.
    /// Minimum kernel: 5.1.
    /// </summary>
    /// <exception cref="MapLayoutException">The values have no lock.</exception>
    public BpfHashMap<TKey, TValue> UnderLock() => new(_map, _calls.UnderLock<TKey, TValue>());

    /// <summary>Copies a value out of the kernel. A miss allocates nothing.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">Its value, or the default.</param>
    /// <returns>Whether there is such an element.</returns>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public bool TryGetValue(in TKey key, out TValue value) => _calls.TryRead(in key, out value, "look up a key in");

    /// <summary>Adds or replaces an element in one atomic step.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="BpfException">The kernel refused; <see cref="Errno.E2BIG"/> if the map is full.</exception>
    public void Set(in TKey key, in TValue value) =>
        _calls.ThrowIfRefused(_calls.Update(in key, in value, 0), $"update a key of map '{_calls.Name}'");

    /// <summary>Adds an element, unless its key is there, in one atomic step (<c>BPF_NOEXIST</c>).</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    /// <returns>Whether it was added.</returns>
    /// <exception cref="BpfException">The kernel refused; <see cref="Errno.E2BIG"/> if the map is full.</exception>
    public bool TryAdd(in TKey key, in TValue value) => _calls.IsAdded(_calls.Update(in key, in value, MapCalls.OnlyNew), "a key");

    /// <summary>Replaces an element's value, if there is such an element, in one atomic step (<c>BPF_EXIST</c>).</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    /// <returns>Whether it was replaced.</returns>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public bool TryReplace(in TKey key, in TValue value) => _calls.IsReplaced(_calls.Update(in key, in value, MapCalls.OnlyExisting), "a key");

    /// <summary>Removes an element.</summary>
    /// <param name="key">The key.</param>
    /// <returns>Whether there was such an element.</returns>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public bool Remove(in TKey key)
    {
        fixed (TKey* k = &key)
            return _calls.Remove(k, "a key");
    }

    /// <summary>Removes an element and copies its value out of the kernel in one atomic step. Minimum kernel: 5.14.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value that it had, or the default.</param>
    /// <returns>Whether there was such an element.</returns>
    /// <exception cref="FeatureNotSupportedException">The kernel is older.</exception>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public bool TryTake(in TKey key, out TValue value)
    {
        value = default;
        fixed (TKey* k = &key)
        fixed (TValue* v = &value)
            return _calls.IsTaken(_calls.Take(k, v));
    }
}
