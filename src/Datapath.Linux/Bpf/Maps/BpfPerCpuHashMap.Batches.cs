namespace Datapath.Linux.Bpf;

// Many elements at once: a call of the kernel for a thousand since Linux 5.6, one for each on older kernels.
public sealed unsafe partial class BpfPerCpuHashMap<TKey, TValue>
{
    private const int ReadSize = 1024;

    /// <summary>Adds elements or replaces their values.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="values">For each key a value for each possible CPU, those of a key in a row.</param>
    /// <exception cref="ArgumentException">There are not just so many values.</exception>
    /// <exception cref="BpfException">
    /// The kernel refused an element, <see cref="Errno.E2BIG"/> if the map is full. Those before it are written; the message says how many.
    /// </exception>
    public void SetAll(ReadOnlySpan<TKey> keys, ReadOnlySpan<TValue> values)
    {
        PerCpuValues<TValue>.ThrowUnlessOneEach(values.Length, _calls.Name, nameof(values), keys.Length);
        if (keys.IsEmpty)
            return;
        var most = PortionOf((uint)keys.Length);
        var buffer = PerCpuValues<TValue>.Rent(most);
        var (written, errno) = (0, Errno.None);
        while (written < keys.Length && errno is Errno.None)
        {
            var count = Math.Min(most, keys.Length - written);
            PerCpuValues<TValue>.Pack(values.Slice(written * ValuesPerElement, count * ValuesPerElement), buffer);
            errno = _bulk.TrySet(keys.Slice(written, count), buffer, out var done);
            written += done;
        }

        PerCpuValues<TValue>.Return(buffer);
        _calls.ThrowIfRefused(errno, $"update element {written} of {keys.Length} (those before are written) in map '{_calls.Name}'");
    }

    /// <inheritdoc cref="BpfHashMap{TKey, TValue}.RemoveAll"/>
    public int RemoveAll(ReadOnlySpan<TKey> keys) => _bulk.RemoveAll(keys);

    /// <inheritdoc cref="BpfHashMap{TKey, TValue}.ToList"/>
    public List<KeyValuePair<TKey, TValue[]>> ToList() => List(takes: false);

    /// <summary>
    /// Copies all elements into memory of the caller, in a few calls and without allocating; otherwise as <see cref="ToList"/>. Room for as
    /// many elements as the map has suffices, unless a walk over <see cref="Keys"/> on a kernel before 5.6 meets some twice.
    /// </summary>
    /// <param name="keys">Receives the keys.</param>
    /// <param name="values">Receives for each key a value for each possible CPU, those of a key in a row.</param>
    /// <returns>How many elements there are.</returns>
    /// <exception cref="ArgumentException">There is not room for just so many values, or not enough for all elements.</exception>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public int CopyTo(Span<TKey> keys, Span<TValue> values)
    {
        PerCpuValues<TValue>.ThrowUnlessOneEach(values.Length, _calls.Name, nameof(values), keys.Length);
        var total = 0;
        using var portions = Read();
        while (portions.TryRead())
        {
            var found = portions.Keys;
            if (found.Length > keys.Length - total)
                throw MapCalls.NoRoom(keys.Length, _calls.Name, nameof(keys));
            total += CopyPortion(in portions, keys[total..], values[(total * ValuesPerElement)..]);
        }

        return total;
    }

    /// <inheritdoc cref="BpfHashMap{TKey, TValue}.TakeAll"/>
    public List<KeyValuePair<TKey, TValue[]>> TakeAll() => List(takes: true);

    /// <inheritdoc cref="BpfHashMap{TKey, TValue}.TakeTo"/>
    /// <param name="keys">Receives the keys.</param>
    /// <param name="values">Receives for each key a value for each possible CPU, those of a key in a row.</param>
    public int TakeTo(Span<TKey> keys, Span<TValue> values)
    {
        PerCpuValues<TValue>.ThrowUnlessOneEach(values.Length, _calls.Name, nameof(values), keys.Length);
        var total = 0;
        using var portions = Read(takes: true);
        while (total < keys.Length && portions.TryRead(keys.Length - total))
            total += CopyPortion(in portions, keys[total..], values[(total * ValuesPerElement)..]);
        return total != 0 || (!keys.IsEmpty && !portions.IsOutOfRoom) ? total : throw MapCalls.NoRoom(keys.Length, _calls.Name, nameof(keys));
    }

    private static int CopyPortion(ref readonly MapPortions<TKey, uint> portion, Span<TKey> keys, Span<TValue> values)
    {
        var found = portion.Keys;
        found.CopyTo(keys);
        PerCpuValues<TValue>.Unpack(portion.Values, values[..(found.Length * PossibleCpus.Count)]);
        return found.Length;
    }

    private List<KeyValuePair<TKey, TValue[]>> List(bool takes)
    {
        var result = new List<KeyValuePair<TKey, TValue[]>>();
        using var portions = Read(takes);
        while (portions.TryRead())
        {
            var keys = portions.Keys;
            if (result.Capacity - result.Count < keys.Length)
                result.EnsureCapacity(HashEstimate.Total(result.Count + keys.Length, portions.Place, _map.Info.MaxEntries));
            for (var i = 0; i < keys.Length; i++)
                result.Add(new(keys[i], PerCpuValues<TValue>.Unpack(portions.Values[(i * _bulk.ValueSize)..])));
        }

        return result;
    }

    private MapPortions<TKey, uint> Read(bool takes = false) => new(_bulk, PortionOf(_map.Info.MaxEntries), takes: takes);

    private int PortionOf(uint elements) => PortionSize.First(ReadSize, elements, (long)sizeof(TKey) + _bulk.ValueSize);
}
