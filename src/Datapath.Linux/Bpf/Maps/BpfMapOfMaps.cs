namespace Datapath.Linux.Bpf;

/// <summary>
/// Maps by key (<see cref="MapType.ArrayOfMaps"/>, whose keys are indexes, and <see cref="MapType.HashOfMaps"/>). Does not own the map. Programs
/// see an exchange of an inner map in one atomic step; the exchange waits until no program uses the old one, which takes milliseconds.
/// </summary>
/// <typeparam name="TKey">The key; <see cref="uint"/> for an array.</typeparam>
/// <remarks>Minimum kernel: 4.13, as <see cref="BpfMap"/>; in bulk 5.19, with a fall-back.</remarks>
public sealed unsafe partial class BpfMapOfMaps<TKey>
    where TKey : unmanaged
{
    private readonly BpfMap _map;
    private readonly MapCalls _calls;
    private readonly MapBulk<TKey> _bulk;

    internal BpfMapOfMaps(BpfMap map)
    {
        MapLayoutException.ThrowUnless(map.Info.Type is MapType.ArrayOfMaps or MapType.HashOfMaps, map.Info, "is no map of maps");
        MapLayoutException.ThrowIfSizeDiffers<TKey>(map.Info, "key", map.Info.KeySize);
        // The kernel's batches of an array do not get past an empty place (before Linux 6.14).
        (_map, _calls, _bulk) = (map, new(map), new(new(map), sizeof(uint)) { HasNoBatches = map.Info.Type is MapType.ArrayOfMaps });
    }

    /// <inheritdoc cref="BpfHashMap{TKey, TValue}.Keys"/>
    public IEnumerable<TKey> Keys => MapKeys.Walk<TKey>(_map);

    /// <summary>Puts a map at a key, in place of what was there. The outer map keeps it alive.</summary>
    /// <param name="key">Where.</param>
    /// <param name="inner">The map.</param>
    /// <exception cref="BpfException">
    /// The kernel refused: <see cref="Errno.EINVAL"/> if the map is not like the inner map that the outer one was made with,
    /// <see cref="Errno.E2BIG"/> if there is no room or no such index.
    /// </exception>
    public void Set(in TKey key, BpfMap inner) => ThrowIfRefused(Update(in key, inner, 0), inner);

    /// <summary>Puts a map at a key of a hash, unless there is one, in one atomic step (<c>BPF_NOEXIST</c>).</summary>
    /// <param name="key">Where.</param>
    /// <param name="inner">The map.</param>
    /// <returns>Whether it was put there.</returns>
    /// <exception cref="NotSupportedException">The map is an array, whose places are always there.</exception>
    /// <exception cref="BpfException">The kernel refused; see <see cref="Set"/>.</exception>
    public bool TryAdd(in TKey key, BpfMap inner)
    {
        ThrowIfArray();
        var errno = Update(in key, inner, MapCalls.OnlyNew);
        if (errno is not Errno.EEXIST)
            ThrowIfRefused(errno, inner);
        return errno is Errno.None;
    }

    /// <summary>Puts a map at a key of a hash in place of the one that is there, in one atomic step (<c>BPF_EXIST</c>).</summary>
    /// <param name="key">Where.</param>
    /// <param name="inner">The map.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="NotSupportedException">The map is an array, whose places are always there.</exception>
    /// <exception cref="BpfException">The kernel refused; see <see cref="Set"/>.</exception>
    public bool TryReplace(in TKey key, BpfMap inner)
    {
        ThrowIfArray();
        var errno = Update(in key, inner, MapCalls.OnlyExisting);
        if (errno is not Errno.ENOENT)
            ThrowIfRefused(errno, inner);
        return errno is Errno.None;
    }

    /// <summary>Takes the map at a key away.</summary>
    /// <param name="key">Where.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public bool Remove(in TKey key)
    {
        fixed (TKey* k = &key)
            return _calls.Remove(k, "a key");
    }

    /// <summary>The number of the map at a key (<see cref="MapInfo.Id"/>); <see cref="BpfMap.OpenById"/> opens it.</summary>
    /// <param name="key">Where.</param>
    /// <param name="id">The map's number, or 0.</param>
    /// <returns>Whether there is one.</returns>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public bool TryGetId(in TKey key, out uint id)
    {
        uint found = 0;
        fixed (TKey* k = &key)
        {
            var errno = _calls.Lookup(k, &found);
            id = found;
            if (errno is Errno.ENOENT)
                return false;
            _calls.ThrowIfRefused(errno, $"look up a key in map '{_calls.Name}'");
            return true;
        }
    }

    private Errno Update(in TKey key, BpfMap inner, ulong flags)
    {
        ArgumentNullException.ThrowIfNull(inner);
        using var lease = inner.Handle.Lease();
        return _calls.Update(in key, lease.Fd, flags);
    }

    private void ThrowIfRefused(Errno errno, BpfMap inner)
    {
        if (errno is not Errno.None)
            ThrowIfRefused(errno, $"put map '{inner.Info.Name}' into map '{_calls.Name}'");
    }

    private void ThrowIfRefused(Errno errno, string operation)
    {
        if (errno is Errno.EINVAL)
            throw new BpfException(operation, errno, "it must be of the kind, sizes and flags that the outer map was made for");
        _calls.ThrowIfRefused(errno, $"{operation}");
    }

    private void ThrowIfArray()
    {
        if (_map.Info.Type is MapType.ArrayOfMaps)
            throw new NotSupportedException($"map '{_calls.Name}' is an array of maps, whose places are always there: only Set puts a map into it");
    }
}
