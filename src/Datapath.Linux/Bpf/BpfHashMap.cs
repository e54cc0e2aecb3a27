using System.Runtime.CompilerServices;

namespace Datapath.Linux.Bpf;

/// <summary>Elements of a hash map. Does not own the map.</summary>
/// <typeparam name="TKey">The key. Every byte counts, also padding: make it explicit and zero.</typeparam>
/// <typeparam name="TValue">The value.</typeparam>
public sealed unsafe class BpfHashMap<TKey, TValue>
    where TKey : unmanaged
    where TValue : unmanaged
{
    private readonly BpfMap _map;

    internal BpfHashMap(BpfMap map)
    {
        MapLayoutException.ThrowUnless(map.Info.Type is MapType.Hash, map.Info, "is no hash");
        MapLayoutException.ThrowIfSizeDiffers<TKey>(map.Info, "key", map.Info.KeySize);
        MapLayoutException.ThrowIfSizeDiffers<TValue>(map.Info, "value", map.Info.ValueSize);
        _map = map;
    }

    /// <summary>Copies a value out of the kernel. A miss allocates nothing.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">Its value, or the default.</param>
    /// <returns>Whether there is such an element.</returns>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public bool TryGetValue(in TKey key, out TValue value)
    {
        Unsafe.SkipInit(out value);
        fixed (TKey* k = &key)
        fixed (TValue* v = &value)
        {
            var errno = Element(BpfCommand.MapLookupElem, k, v);
            if (errno is Errno.ENOENT)
            {
                value = default;
                return false;
            }

            BpfException.ThrowIfFailed(errno, $"look up a key in map '{_map.Info.Name}'");
            return true;
        }
    }

    /// <summary>Adds or replaces an element in one atomic step.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="BpfException">The kernel refused; <see cref="Errno.E2BIG"/> if the map is full.</exception>
    public void Set(in TKey key, in TValue value)
    {
        fixed (TKey* k = &key)
        fixed (TValue* v = &value)
            BpfException.ThrowIfFailed(Element(BpfCommand.MapUpdateElem, k, v), $"update a key of map '{_map.Info.Name}'");
    }

    /// <summary>Adds or replaces elements, each in one atomic step, in one call of the kernel (since Linux 5.6).</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="values">As many values.</param>
    /// <param name="written">How many were written, from the first.</param>
    /// <returns><see cref="Errno.None"/>, or why the element after the last written one was refused.</returns>
    internal Errno TrySetAll(ReadOnlySpan<TKey> keys, ReadOnlySpan<TValue> values, out int written)
    {
        written = 0;
        if (keys.IsEmpty)
            return Errno.None;
        using var lease = _map.Handle.Lease();
        fixed (TKey* k = keys)
        fixed (TValue* v = values)
        {
            var attr = new MapBatchAttr { MapFd = lease.Fd, Keys = (ulong)k, Values = (ulong)v, Count = (uint)keys.Length };
            var errno = Libc.Bpf(BpfCommand.MapUpdateBatch, ref attr);
            // A refusal of the whole call leaves the count as it was.
            written = errno is Errno.None || attr.Count < keys.Length ? (int)attr.Count : 0;
            return errno;
        }
    }

    /// <summary>Removes an element.</summary>
    /// <param name="key">The key.</param>
    /// <returns>Whether there was such an element.</returns>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public bool Remove(in TKey key)
    {
        fixed (TKey* k = &key)
        {
            var errno = Element(BpfCommand.MapDeleteElem, k, null);
            if (errno is Errno.ENOENT)
                return false;
            BpfException.ThrowIfFailed(errno, $"delete a key of map '{_map.Info.Name}'");
            return true;
        }
    }

    /// <summary>
    /// Copies all elements out of the kernel in a few calls (since Linux 5.6). Elements added or removed meanwhile may or may not be among them.
    /// </summary>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public List<KeyValuePair<TKey, TValue>> ToList()
    {
        var result = new List<KeyValuePair<TKey, TValue>>();
        var keys = new TKey[Math.Min(4096, _map.Info.MaxEntries)];
        var values = new TValue[keys.Length];
        uint position = 0;
        var isFirst = true;
        using var lease = _map.Handle.Lease();
        while (true)
        {
            fixed (TKey* k = keys)
            fixed (TValue* v = values)
            {
                uint next = 0;
                var attr = new MapBatchAttr
                {
                    MapFd = lease.Fd,
                    InBatch = isFirst ? 0 : (ulong)(&position),
                    OutBatch = (ulong)(&next),
                    Keys = (ulong)k,
                    Values = (ulong)v,
                    Count = (uint)keys.Length,
                };
                var errno = Libc.Bpf(BpfCommand.MapLookupBatch, ref attr);
                if (errno is Errno.ENOSPC)
                {
                    // A single bucket holds more than fits: take more at once.
                    keys = new TKey[keys.Length * 2];
                    values = new TValue[keys.Length];
                    continue;
                }

                if (errno is not Errno.ENOENT)
                    BpfException.ThrowIfFailed(errno, $"read map '{_map.Info.Name}'");
                for (var i = 0; i < attr.Count; i++)
                    result.Add(new(keys[i], values[i]));
                if (errno is Errno.ENOENT)
                    return result;
                position = next;
                isFirst = false;
            }
        }
    }

    private Errno Element(BpfCommand command, TKey* key, TValue* value)
    {
        using var lease = _map.Handle.Lease();
        var attr = new MapElementAttr { MapFd = lease.Fd, Key = (ulong)key, ValueOrNextKey = (ulong)value };
        return Libc.Bpf(command, ref attr);
    }
}
