namespace Datapath.Linux.Bpf;

// Many elements at once: a call of the kernel for a thousand since Linux 5.13, one for each on older kernels.
public sealed unsafe partial class BpfPerCpuArray<TValue>
{
    private const int Portion = 1024; // elements in a call of the kernel; their indexes lie on the stack

    /// <summary>Replaces the values of elements; see <see cref="Set"/>.</summary>
    /// <param name="first">The index of the first.</param>
    /// <param name="values">For each element a value for each possible CPU, those of an element in a row.</param>
    /// <exception cref="ArgumentException">There is not for each element a value for each CPU.</exception>
    /// <exception cref="BpfException">
    /// The kernel refused; <see cref="Errno.E2BIG"/> if there is no such element. Those before it are written; the message says how many.
    /// </exception>
    public void SetAll(uint first, ReadOnlySpan<TValue> values)
    {
        var count = values.Length / ValuesPerElement;
        PerCpuValues<TValue>.ThrowUnlessOneEach(values.Length, _calls.Name, nameof(values), count);
        if (count == 0)
            return;
        var most = PortionOf(count);
        Span<uint> indexes = stackalloc uint[most];
        var buffer = PerCpuValues<TValue>.Rent(most);
        var (written, errno) = (0, Errno.None);
        while (written < count && errno is Errno.None)
        {
            var part = indexes[..Math.Min(most, count - written)];
            for (var i = 0; i < part.Length; i++)
                part[i] = first + (uint)(written + i);
            PerCpuValues<TValue>.Pack(values.Slice(written * ValuesPerElement, part.Length * ValuesPerElement), buffer);
            errno = _bulk.TrySet(part, buffer, out var done);
            written += done;
        }

        PerCpuValues<TValue>.Return(buffer);
        _calls.ThrowIfRefused(errno, $"update element {first + (uint)written} (after {written} of {count}) of map '{_calls.Name}'");
    }

    /// <summary>Copies all elements' values out of the kernel: at each index the values of all CPUs.</summary>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public TValue[][] ToArray()
    {
        var result = new TValue[Count][];
        using var portions = Read();
        while (portions.TryRead())
        {
            for (var i = 0; i < portions.Keys.Length; i++)
                result[portions.Keys[i]] = PerCpuValues<TValue>.Unpack(portions.Values[(i * _bulk.ValueSize)..]);
        }

        return result;
    }

    /// <summary>Copies all elements' values into memory of the caller, without allocating.</summary>
    /// <param name="values">Receives for each element a value for each possible CPU, those of an element in a row; may be larger.</param>
    /// <exception cref="ArgumentException">There is not room for all.</exception>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public void CopyTo(Span<TValue> values)
    {
        if (values.Length < (long)Count * ValuesPerElement)
            throw MapCalls.NoRoom(values.Length / ValuesPerElement, _calls.Name, nameof(values));
        using var portions = Read();
        while (portions.TryRead())
        {
            var indexes = portions.Keys;
            PerCpuValues<TValue>.Unpack(portions.Values, values.Slice((int)indexes[0] * ValuesPerElement, indexes.Length * ValuesPerElement));
        }
    }

    private MapPortions<uint, uint> Read() => new(_bulk, PortionOf(Count));

    private int PortionOf(int elements) => PortionSize.First(Portion, (uint)elements, (long)sizeof(uint) + _bulk.ValueSize);
}
