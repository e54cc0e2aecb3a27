using System.Buffers;
using System.Runtime.InteropServices;

namespace Datapath.Linux.Bpf;

/// <summary>
/// Reads or takes the elements of a map in portions: by batches, or key by key where there are none. The memory is borrowed, because whoever reads a map once reads it
/// again; it ends with the next portion.
/// </summary>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="TPlace">The map's idea of a place; see <see cref="MapBatchReader{TKey, TPlace}"/>.</typeparam>
internal ref struct MapPortions<TKey, TPlace>
    where TKey : unmanaged
    where TPlace : unmanaged
{
    private readonly MapBulk<TKey> _bulk;
    private readonly MapCalls _calls;
    private readonly long _limit;
    private readonly bool _takes;
    private MapBatchReader<TKey, TPlace> _reader;
    private bool _isWalk;
    private IEnumerator<TKey>? _walk;
    private TKey[] _keys;
    private byte[] _values;
    private int _size;
    private int _count;
    private long _steps;

    /// <summary>Begins to read.</summary>
    /// <param name="bulk">The map.</param>
    /// <param name="most">The most elements in a portion, unless a single bucket of a hash holds more.</param>
    /// <param name="limit">How many elements end the reading, for maps in which the kernel may start over.</param>
    /// <param name="takes">Whether what is read is removed; of hashes only.</param>
    public MapPortions(MapBulk<TKey> bulk, int most, long limit = long.MaxValue, bool takes = false)
    {
        (_bulk, _calls, _limit, _takes, _isWalk) = (bulk, bulk.Calls, limit, takes, bulk.HasNoBatches);
        _reader = new(_calls, takes ? BpfCommand.MapTakeBatch : BpfCommand.MapLookupBatch);
        (_keys, _values) = Rent(_size = most);
    }

    /// <summary>The keys of the portion.</summary>
    public readonly ReadOnlySpan<TKey> Keys => _keys.AsSpan(0, _count);

    /// <summary>As many values.</summary>
    public readonly ReadOnlySpan<byte> Values => _values.AsSpan(0, checked(_count * _bulk.ValueSize));

    /// <summary>Where the next batch begins; the default while there is none.</summary>
    public readonly TPlace Place => _reader.IsAtEnd ? default : _reader.Place;

    /// <summary>Whether the reading ended because not even the next bucket fitted into the room; nothing of it is lost.</summary>
    public bool IsOutOfRoom { get; private set; }

    /// <summary>Reads the next portion.</summary>
    /// <param name="room">The most elements, at least 1.</param>
    /// <returns>Whether there is one.</returns>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public bool TryRead(int room = int.MaxValue)
    {
        while (!_isWalk)
        {
            if (_reader.IsAtEnd || _steps >= _limit)
                return false;
            var errno = _reader.Read(_keys.AsSpan(0, Math.Min(_size, room)), _values, out _count);
            if (errno is Errno.ENOSPC)
            {
                IsOutOfRoom = room <= _size;
                if (IsOutOfRoom)
                    return false;

                Grow(); // a single bucket holds more than fits: take more at once
                continue;
            }

            if (_steps == 0 && MapCalls.IsBatchMissing(errno))
            {
                _bulk.HasNoBatches = _isWalk = true;
                break;
            }

            _calls.ThrowIfRefused(errno, $"{(_takes ? "take the elements of" : "read")} map '{_calls.Name}'");
            _steps += Math.Max(1, _count);
            if (_count != 0)
                return true;
        }

        return TryWalk(Math.Min(_size, room));
    }

    /// <summary>Adds the portion to a list.</summary>
    public readonly void AppendTo<TValue>(List<KeyValuePair<TKey, TValue>> list)
        where TValue : unmanaged
    {
        var first = list.Count;
        CollectionsMarshal.SetCount(list, first + _count);
        var target = CollectionsMarshal.AsSpan(list)[first..];
        var keys = _keys.AsSpan(0, target.Length);
        var values = MemoryMarshal.Cast<byte, TValue>(Values)[..target.Length];
        for (var i = 0; i < target.Length; i++)
            target[i] = new(keys[i], values[i]);
    }

    public readonly void Dispose()
    {
        _walk?.Dispose();
        Return();
    }

    private unsafe bool TryWalk(int room)
    {
        _walk ??= MapKeys.Walk<TKey>(_calls.Map).GetEnumerator();
        for (_count = 0; _count < room && _walk.MoveNext();)
        {
            var key = _keys[_count] = _walk.Current;
            fixed (byte* value = _values.AsSpan(_count * _bulk.ValueSize))
            {
                var errno = _calls.Lookup(&key, value);
                if (errno is Errno.ENOENT)
                    continue;
                _calls.ThrowIfRefused(errno, $"look up a key in map '{_calls.Name}'");
                if (!_takes || _calls.Remove(&key, "a key"))
                    _count++;
            }
        }

        return _count != 0;
    }

    private void Grow()
    {
        var size = checked(2 * _size);
        var (keys, values) = Rent(size);
        Return();
        (_size, _keys, _values) = (size, keys, values);
    }

    private readonly (TKey[] Keys, byte[] Values) Rent(int size) =>
        (ArrayPool<TKey>.Shared.Rent(size), ArrayPool<byte>.Shared.Rent(checked(size * _bulk.ValueSize)));

    private readonly void Return()
    {
        ArrayPool<TKey>.Shared.Return(_keys);
        ArrayPool<byte>.Shared.Return(_values);
    }
}
