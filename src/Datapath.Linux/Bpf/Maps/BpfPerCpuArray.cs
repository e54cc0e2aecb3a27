namespace Datapath.Linux.Bpf;

/// <summary>Elements of an array that has a value for each CPU. Does not own the map.</summary>
/// <typeparam name="TValue">The value.</typeparam>
/// <remarks>Minimum kernel: 4.13, as <see cref="BpfMap"/>; in bulk 5.13, with a fall-back.</remarks>
public sealed unsafe partial class BpfPerCpuArray<TValue>
    where TValue : unmanaged
{
    private readonly MapCalls _calls;
    private readonly MapBulk<uint> _bulk;

    internal BpfPerCpuArray(BpfMap map)
    {
        MapLayoutException.ThrowUnless(map.Info.Type is MapType.PerCpuArray, map.Info, "is no per-CPU array");
        MapLayoutException.ThrowIfSizeDiffers<TValue>(map.Info, "value", map.Info.ValueSize);
        (_calls, _bulk, Count) = (new(map), new(new(map), PerCpuValues<TValue>.Size), checked((int)map.Info.MaxEntries));
    }

    /// <summary>The number of elements.</summary>
    public int Count { get; }

    /// <summary>How many values an element has: one for each CPU that there could ever be, by the CPU's number.</summary>
    public int ValuesPerElement { get; } = PossibleCpus.Count;

    /// <summary>Copies an element's values out of the kernel, one for each possible CPU.</summary>
    /// <param name="index">The element.</param>
    /// <exception cref="BpfException">The kernel refused; <see cref="Errno.ENOENT"/> if there is no such element.</exception>
    public TValue[] Read(uint index)
    {
        var values = new TValue[PossibleCpus.Count];
        Read(index, values);
        return values;
    }

    /// <summary>Copies an element's values out of the kernel, without allocating.</summary>
    /// <param name="index">The element.</param>
    /// <param name="values">Receives a value for each possible CPU.</param>
    /// <exception cref="ArgumentException">There is not room for exactly one value for each CPU.</exception>
    /// <exception cref="BpfException">The kernel refused; <see cref="Errno.ENOENT"/> if there is no such element.</exception>
    public void Read(uint index, Span<TValue> values)
    {
        PerCpuValues<TValue>.ThrowUnlessOneEach(values.Length, _calls.Name, nameof(values));
        var buffer = PerCpuValues<TValue>.Rent(1);
        fixed (byte* data = buffer)
        {
            var errno = _calls.Lookup(&index, data);
            if (errno is Errno.None)
                PerCpuValues<TValue>.Unpack(buffer, values);
            PerCpuValues<TValue>.Return(buffer);
            _calls.ThrowIfRefused(errno, $"read element {index} of map '{_calls.Name}'");
        }
    }

    /// <summary>
    /// Replaces an element's values. Programs that count meanwhile may lose an increment: each CPU's value is copied, not exchanged.
    /// </summary>
    /// <param name="index">The element.</param>
    /// <param name="values">A value for each possible CPU.</param>
    /// <exception cref="ArgumentException">There is not exactly one value for each CPU.</exception>
    /// <exception cref="BpfException">The kernel refused; <see cref="Errno.E2BIG"/> if there is no such element.</exception>
    public void Set(uint index, ReadOnlySpan<TValue> values)
    {
        PerCpuValues<TValue>.ThrowUnlessOneEach(values.Length, _calls.Name, nameof(values));
        var buffer = PerCpuValues<TValue>.Rent(1);
        PerCpuValues<TValue>.Pack(values, buffer);
        fixed (byte* data = buffer)
        {
            var errno = _calls.Update(&index, data);
            PerCpuValues<TValue>.Return(buffer);
            _calls.ThrowIfRefused(errno, $"update element {index} of map '{_calls.Name}'");
        }
    }
}
