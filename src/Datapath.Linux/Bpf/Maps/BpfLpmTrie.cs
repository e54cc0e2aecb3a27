namespace Datapath.Linux.Bpf;

/// <summary>Prefixes, of which a lookup finds the longest that matches. Does not own the map.</summary>
/// <typeparam name="TKey">
/// The key: 4 bytes with the prefix's length in bits, then the data, the most significant bit first. <see cref="Ipv4Prefix"/> and
/// <see cref="Ipv6Prefix"/> are such keys.
/// </typeparam>
/// <typeparam name="TValue">The value.</typeparam>
/// <remarks>Minimum kernel: 4.11; walking over keys 4.16; in bulk 5.13, with a fall-back. The kernel cannot take an element out of a trie in one step.</remarks>
public sealed unsafe partial class BpfLpmTrie<TKey, TValue>
    where TKey : unmanaged
    where TValue : unmanaged
{
    private readonly BpfMap _map;
    private readonly MapCalls _calls;
    private readonly MapBulk<TKey> _bulk;

    internal BpfLpmTrie(BpfMap map)
    {
        MapLayoutException.ThrowUnless(map.Info.Type is MapType.LpmTrie, map.Info, "is no trie");
        MapLayoutException.ThrowIfSizeDiffers<TKey>(map.Info, "key", map.Info.KeySize);
        MapLayoutException.ThrowIfSizeDiffers<TValue>(map.Info, "value", map.Info.ValueSize);
        (_map, _calls, _bulk) = (map, new(map), new(new(map), sizeof(TValue)));
    }

    /// <summary>The prefixes, a longer one before the shorter ones that hold it. Otherwise as the keys of <see cref="BpfHashMap{TKey, TValue}"/>.</summary>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public IEnumerable<TKey> Keys => MapKeys.Walk<TKey>(_map);

    /// <summary>Copies the value of the longest prefix that matches out of the kernel. A miss allocates nothing.</summary>
    /// <param name="key">What to look up: usually a single address. Prefixes longer than this one do not match.</param>
    /// <param name="value">The value, or the default.</param>
    /// <returns>Whether any prefix matches.</returns>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public bool TryMatch(in TKey key, out TValue value) => _calls.TryRead(in key, out value, "match a key in");

    /// <summary>Adds or replaces the value of exactly this prefix.</summary>
    /// <param name="key">The prefix.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="BpfException">
    /// The kernel refused: <see cref="Errno.ENOSPC"/> if the map is full, <see cref="Errno.EINVAL"/> if the prefix is longer than the key's data.
    /// </exception>
    public void Set(in TKey key, in TValue value) =>
        _calls.ThrowIfRefused(_calls.Update(in key, in value, 0), $"update a prefix of map '{_calls.Name}'");

    /// <summary>Adds a prefix, unless exactly this one is there.</summary>
    /// <param name="key">The prefix.</param>
    /// <param name="value">The value.</param>
    /// <returns>Whether it was added.</returns>
    /// <exception cref="BpfException">The kernel refused; see <see cref="Set"/>.</exception>
    public bool TryAdd(in TKey key, in TValue value) => _calls.IsAdded(_calls.Update(in key, in value, MapCalls.OnlyNew), "a prefix");

    /// <summary>Replaces the value of exactly this prefix, if it is there, in one atomic step (<c>BPF_EXIST</c>).</summary>
    /// <param name="key">The prefix.</param>
    /// <param name="value">The value.</param>
    /// <returns>Whether it was replaced.</returns>
    /// <exception cref="BpfException">The kernel refused; see <see cref="Set"/>.</exception>
    public bool TryReplace(in TKey key, in TValue value) => _calls.IsReplaced(_calls.Update(in key, in value, MapCalls.OnlyExisting), "a prefix");

    /// <summary>Removes exactly this prefix.</summary>
    /// <param name="key">The prefix.</param>
    /// <returns>Whether it was there.</returns>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public bool Remove(in TKey key)
    {
        fixed (TKey* k = &key)
            return _calls.Remove(k, "a prefix");
    }
}
