namespace Datapath.Linux.Bpf;

/// <summary>
/// Writes and removes many elements of a map with keys: by batches, or one by one where the kernel or the kind of map has none. Values are
/// bytes here; the views know what they mean.
/// </summary>
/// <param name="calls">The calls of the map.</param>
/// <param name="valueSize">Bytes that the kernel copies for a value; of a per-CPU map all values of an element.</param>
internal sealed unsafe class MapBulk<TKey>(MapCalls calls, int valueSize)
    where TKey : unmanaged
{
    private readonly MapCalls _calls = calls;

    public MapCalls Calls => _calls;

    public int ValueSize => valueSize;

    /// <summary>Whether it turned out that there are no batches; they are asked for once.</summary>
    public bool HasNoBatches { get; set; }

    /// <summary>Adds or replaces elements.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="values">As many values.</param>
    /// <param name="written">How many were written, from the first.</param>
    /// <returns><see cref="Errno.None"/>, or why the element after the last written one was refused.</returns>
    public Errno TrySet(ReadOnlySpan<TKey> keys, ReadOnlySpan<byte> values, out int written)
    {
        written = 0;
        if (keys.IsEmpty)
            return Errno.None;
        fixed (TKey* k = keys)
        fixed (byte* v = values)
        {
            if (!HasNoBatches)
            {
                var errno = _calls.Batch(BpfCommand.MapUpdateBatch, k, v, keys.Length, out written);
                if (written != 0 || !MapCalls.IsBatchMissing(errno))
                    return errno;
            }

            return SetEach(k, v, keys.Length, out written);
        }
    }

    /// <summary>Removes elements and passes over keys that are not there.</summary>
    /// <param name="keys">The keys.</param>
    /// <returns>How many elements were removed.</returns>
    /// <exception cref="BpfException">The kernel refused. The message says how many elements were removed before.</exception>
    public int RemoveAll(ReadOnlySpan<TKey> keys)
    {
        var removed = 0;
        fixed (TKey* k = keys)
        {
            for (var position = 0; position < keys.Length;)
            {
                var errno = TryRemoveFrom(k + position, keys.Length - position, out var done);
                removed += done;
                position += done;
                if (errno is Errno.None)
                    continue;
                if (errno is not Errno.ENOENT)
                    _calls.ThrowIfRefused(errno, $"delete {keys.Length} keys of map '{_calls.Name}' (after {removed} deleted)");
                position++;
            }
        }

        return removed;
    }

    private Errno SetEach(TKey* keys, byte* values, int count, out int written)
    {
        var errno = Errno.None;
        for (written = 0; written < count && errno is Errno.None;)
        {
            errno = _calls.Update(keys + written, values + ((nint)written * valueSize));
            if (errno is Errno.None)
                written++;
        }

        HasNoBatches |= written != 0; // else the first element may be what the kernel does not like
        return errno;
    }

    private Errno TryRemoveFrom(TKey* keys, int count, out int done)
    {
        if (!HasNoBatches)
        {
            var errno = _calls.Batch(BpfCommand.MapDeleteBatch, keys, null, count, out done);
            if (done != 0 || !MapCalls.IsBatchMissing(errno))
                return errno;
        }

        return RemoveEach(keys, count, out done);
    }

    private Errno RemoveEach(TKey* keys, int count, out int done)
    {
        var errno = Errno.None;
        for (done = 0; done < count && errno is Errno.None;)
        {
            errno = _calls.Delete(keys + done);
            if (errno is Errno.None)
                done++;
        }

        HasNoBatches |= done != 0 || errno is Errno.ENOENT;
        return errno;
    }
}
