namespace Datapath.Linux.Bpf;

/// <summary>Takes an element as bytes.</summary>
/// <param name="key">The key.</param>
/// <param name="value">The value; of a per-CPU map the values, each rounded up to 8 bytes.</param>
/// <returns>Whether to go on.</returns>
internal delegate bool ElementHandler(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value);

/// <summary>Walks over the elements of a map of any kind as bytes. It ends whatever others do to the map meanwhile.</summary>
internal sealed unsafe class MapElements
{
    /// <summary>Bytes to ask for at once, unless one bucket needs more.</summary>
    private const int BatchSize = 1 << 20;

    private const int LargestBatch = 1 << 20;

    private readonly BpfMap _map;
    private readonly MapCalls _calls;
    private readonly int _keySize;

    public MapElements(BpfMap map)
    {
        (_map, _calls, _keySize) = (map, new(map), (int)map.Info.KeySize);
        ValueStride = IsPerCpu(map.Info.Type) ? ((int)map.Info.ValueSize + 7) & ~7 : (int)map.Info.ValueSize;
        ValueSize = IsPerCpu(map.Info.Type) ? checked(ValueStride * PossibleCpus.Count) : ValueStride;
    }

    /// <summary>Bytes of an element's value, of a per-CPU map of all its values.</summary>
    public int ValueSize { get; }

    /// <summary>Bytes from one CPU's value to the next.</summary>
    public int ValueStride { get; }

    public static bool IsPerCpu(MapType type) =>
        type is MapType.PerCpuHash or MapType.PerCpuArray or MapType.LruPerCpuHash or MapType.PerCpuCgroupStorage;

    /// <summary>Hands out the elements that are there.</summary>
    /// <exception cref="NotSupportedException">The elements of such maps cannot be listed.</exception>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public void ForEach(ElementHandler handler)
    {
        switch (_map.Info.Type)
        {
            case MapType.Array or MapType.PerCpuArray or MapType.ProgramArray or MapType.ArrayOfMaps:
                WalkIndices(handler);
                break;
            case MapType.Hash or MapType.LruHash or MapType.PerCpuHash or MapType.LruPerCpuHash when TryWalkBatches(handler):
                break;
            default:
                WalkKeys(handler);
                break;
        }
    }

    private void WalkIndices(ElementHandler handler)
    {
        var value = new byte[ValueSize];
        fixed (byte* v = value)
        {
            for (uint i = 0; i < _map.Info.MaxEntries; i++)
            {
                if (TryLookup(&i, v) && !handler(new ReadOnlySpan<byte>(&i, sizeof(uint)), value))
                    return;
            }
        }
    }

    // Bucket by bucket, so that an element that stays is seen exactly once. False if this kernel cannot; then nothing was handed out.
    private bool TryWalkBatches(ElementHandler handler)
    {
        var room = (int)Math.Clamp(_map.Info.MaxEntries, 1, Math.Max(1, BatchSize / (_keySize + ValueSize)));
        var (keys, values) = (new byte[checked(room * _keySize)], new byte[checked(room * ValueSize)]);
        uint position = 0; // the number of a bucket
        var (isFirst, isEnd) = (true, false);
        while (!isEnd)
        {
            var count = room;
            Errno errno;
            uint next = 0;
            fixed (byte* k = keys)
            fixed (byte* v = values)
                errno = _calls.ReadBatch(BpfCommand.MapLookupBatch, isFirst ? null : &position, &next, k, v, ref count);
            if (isFirst && MapCalls.IsBatchMissing(errno))
                return false;
            if (errno is Errno.ENOSPC && room < LargestBatch) // not even one bucket fits
            {
                room *= 2;
                (keys, values) = (new byte[checked(room * _keySize)], new byte[checked(room * ValueSize)]);
                continue;
            }

            isEnd = errno is Errno.ENOENT;
            if (!isEnd)
                _calls.ThrowIfRefused(errno, $"read the elements of map '{_calls.Name}'");
            for (var i = 0; i < count; i++)
            {
                if (!handler(keys.AsSpan(i * _keySize, _keySize), values.AsSpan(i * ValueSize, ValueSize)))
                    return true;
            }

            (position, isFirst) = (next, false);
        }

        return true;
    }

    // Where the kernel does not find a key any more it starts over: only a limit of steps makes that end for certain.
    private void WalkKeys(ElementHandler handler)
    {
        var (key, next, value) = (new byte[_keySize], new byte[_keySize], new byte[ValueSize]);
        var steps = MapKeys.MostSteps(_map.Info);
        fixed (byte* v = value)
        {
            for (var hasNext = TryGetNext(null, key); hasNext && steps > 0; steps--)
            {
                hasNext = TryGetNext(key, next);
                bool isThere;
                fixed (byte* k = key)
                    isThere = TryLookup(k, v);
                if (isThere && !handler(key, value))
                    return;
                (key, next) = (next, key);
            }
        }
    }

    private bool TryGetNext(byte[]? key, byte[] next)
    {
        Errno errno;
        fixed (byte* k = key)
        fixed (byte* n = next)
            errno = _calls.NextKey(k, n);
        if (errno is Errno.ENOENT)
            return false;
        ThrowIfUnlistable(errno);
        _calls.ThrowIfRefused(errno, $"walk over the keys of map '{_calls.Name}'");
        return true;
    }

    private bool TryLookup(void* key, byte* value)
    {
        var errno = _calls.Lookup(key, value);
        if (errno is Errno.ENOENT)
            return false;
        ThrowIfUnlistable(errno);
        _calls.ThrowIfRefused(errno, $"read an element of map '{_calls.Name}'");
        return true;
    }

    private void ThrowIfUnlistable(Errno errno)
    {
        if (errno is not (Errno.ENOTSUPP or Errno.EOPNOTSUPP or Errno.EINVAL))
            return;
        var why = _map.Info.Type switch
        {
            MapType.Queue or MapType.Stack => "only its next element can be read",
            MapType.RingBuffer => "its records are read by BpfRingBuffer, which uses them up",
            MapType.SkStorage => "its elements are found by socket only",
            _ => "the kernel does not list elements of this kind",
        };
        throw new NotSupportedException($"the elements of map '{_calls.Name}' ({_map.Info.Type}) cannot be listed: {why}");
    }
}
