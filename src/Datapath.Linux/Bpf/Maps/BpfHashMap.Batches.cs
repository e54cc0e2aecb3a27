using System.Runtime.InteropServices;

namespace Datapath.Linux.Bpf;

// Many elements at once: a call of the kernel for thousands since Linux 5.6, one for each on older kernels.
public sealed unsafe partial class BpfHashMap<TKey, TValue>
{
    private const int ReadSize = 4096;

    /// <summary>Adds or replaces elements, each in one atomic step.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="values">As many values.</param>
    /// <exception cref="ArgumentException">There are not as many values as keys.</exception>
    /// <exception cref="BpfException">
    /// The kernel refused an element, <see cref="Errno.E2BIG"/> if the map is full. Those before it are written; the message says how many.
    /// </exception>
    public void SetAll(ReadOnlySpan<TKey> keys, ReadOnlySpan<TValue> values)
    {
        var errno = TrySetAll(keys, values, out var written);
        _calls.ThrowIfRefused(errno, $"update element {written} of {keys.Length} (those before are written) in map '{_calls.Name}'");
    }

    /// <summary>Adds or replaces elements, each in one atomic step.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="values">As many values.</param>
    /// <param name="written">How many were written, from the first.</param>
    /// <returns><see cref="Errno.None"/>, or why the element after the last written one was refused.</returns>
    /// <exception cref="ArgumentException">There are not as many values as keys.</exception>
    public Errno TrySetAll(ReadOnlySpan<TKey> keys, ReadOnlySpan<TValue> values, out int written)
    {
        if (keys.Length != values.Length)
            throw new ArgumentException($"{keys.Length} keys and {values.Length} values for map '{_calls.Name}'", nameof(values));
        return _bulk.TrySet(keys, MemoryMarshal.AsBytes(values), out written);
    }

    /// <summary>Removes elements. Keys that are not there are passed over, at the price of a call each.</summary>
    /// <param name="keys">The keys.</param>
    /// <returns>How many elements were removed.</returns>
    /// <exception cref="BpfException">The kernel refused. The message says how many elements were removed before.</exception>
    public int RemoveAll(ReadOnlySpan<TKey> keys) => _bulk.RemoveAll(keys);

    /// <summary>
    /// Copies all elements out of the kernel in a few calls. An element that is there all the time is among them exactly once; one that is
    /// added or removed meanwhile may or may not be. On kernels before 5.6 it walks over <see cref="Keys"/>, with what is said there.
    /// </summary>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public List<KeyValuePair<TKey, TValue>> ToList() => List(takes: false);

    /// <summary>
    /// Copies all elements into memory of the caller, in a few calls and without allocating; otherwise as <see cref="ToList"/>. Room for as
    /// many elements as the map has suffices, unless a walk over <see cref="Keys"/> on a kernel before 5.6 meets some twice.
    /// </summary>
    /// <param name="keys">Receives the keys.</param>
    /// <param name="values">Receives as many values.</param>
    /// <returns>How many elements there are.</returns>
    /// <exception cref="ArgumentException">There is not as much room for values as for keys, or not enough for all.</exception>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public int CopyTo(Span<TKey> keys, Span<TValue> values)
    {
        if (keys.Length != values.Length)
            throw new ArgumentException($"room for {keys.Length} keys and {values.Length} values of map '{_calls.Name}'", nameof(values));
        var reader = new MapBatchReader<TKey, uint>(_calls);
        var total = 0;
        var portion = PortionSize.First(ReadSize, uint.MaxValue, (long)sizeof(TKey) + sizeof(TValue));
        while (!_bulk.HasNoBatches && !reader.IsAtEnd)
        {
            // Asked in portions: the kernel's count is the room, and its copying is fastest while a portion fits the cache.
            var room = Math.Min(portion, keys.Length - total);
            var errno = reader.Read(keys.Slice(total, room), MemoryMarshal.AsBytes(values.Slice(total, room)), out var count);
            if (errno is Errno.ENOSPC && room < keys.Length - total)
                errno = reader.Read(keys[total..], MemoryMarshal.AsBytes(values[total..]), out count);
            if (total == 0 && MapCalls.IsBatchMissing(errno))
            {
                _bulk.HasNoBatches = true;
                break;
            }

            if (errno is Errno.ENOSPC || (room == 0 && !reader.IsAtEnd))
                throw MapCalls.NoRoom(keys.Length, _calls.Name, nameof(keys));
            _calls.ThrowIfRefused(errno, $"read map '{_calls.Name}'");
            total += count;
        }

        return _bulk.HasNoBatches ? CopyByKey(keys, values) : total;
    }

    /// <summary>
    /// Removes all elements and copies them out of the kernel in a few calls, each element in one atomic step. An element that is there all the time is
    /// among them; one that is added meanwhile may or may not be. What a program writes to a value that it found before the removal may be lost. On
    /// kernels before 5.6 each element is looked up and then removed, and whatever is written between the two is lost.
    /// </summary>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public List<KeyValuePair<TKey, TValue>> TakeAll() => List(takes: true);

    /// <summary>
    /// Removes elements and copies them into memory of the caller, as many as fit and without allocating; the others stay. Otherwise as <see cref="TakeAll"/>.
    /// </summary>
    /// <param name="keys">Receives the keys.</param>
    /// <param name="values">Receives as many values.</param>
    /// <returns>How many were taken; 0 if there was none. Less than there is room for does not mean that none is left.</returns>
    /// <exception cref="ArgumentException">
    /// There is not as much room for values as for keys, or too little for those elements that the kernel gives only together (of one bucket).
    /// </exception>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public int TakeTo(Span<TKey> keys, Span<TValue> values)
    {
        if (keys.Length != values.Length)
            throw new ArgumentException($"room for {keys.Length} keys and {values.Length} values of map '{_calls.Name}'", nameof(values));
        var total = 0;
        using var portions = Read(takes: true);
        while (total < keys.Length && portions.TryRead(keys.Length - total))
        {
            var taken = portions.Keys;
            taken.CopyTo(keys[total..]);
            MemoryMarshal.Cast<byte, TValue>(portions.Values).CopyTo(values[total..]);
            total += taken.Length;
        }

        return total != 0 || (!keys.IsEmpty && !portions.IsOutOfRoom) ? total : throw MapCalls.NoRoom(keys.Length, _calls.Name, nameof(keys));
    }

    /// <summary>Counts the elements, as <see cref="ToList"/> would list them, without keeping them.</summary>
    /// <exception cref="BpfException">The kernel refused.</exception>
    internal int CountAll()
    {
        var count = 0;
        using var portions = Read(takes: false);
        while (portions.TryRead())
            count += portions.Keys.Length;
        return count;
    }

    private List<KeyValuePair<TKey, TValue>> List(bool takes)
    {
        var result = new List<KeyValuePair<TKey, TValue>>();
        using var portions = Read(takes);
        while (portions.TryRead())
        {
            var total = result.Count + portions.Keys.Length;
            if (result.Capacity < total)
                result.EnsureCapacity(HashEstimate.Total(total, portions.Place, _map.Info.MaxEntries));
            portions.AppendTo(result);
        }

        return result;
    }

    private MapPortions<TKey, uint> Read(bool takes) =>
        new(_bulk, PortionSize.First(ReadSize, _map.Info.MaxEntries, (long)sizeof(TKey) + sizeof(TValue)), takes: takes);

    private int CopyByKey(Span<TKey> keys, Span<TValue> values)
    {
        var total = 0;
        foreach (var key in Keys)
        {
            if (!TryGetValue(in key, out var value))
                continue;
            if (total == keys.Length)
                throw MapCalls.NoRoom(keys.Length, _calls.Name, nameof(keys));
            (keys[total], values[total]) = (key, value);
            total++;
        }

        return total;
    }
}
