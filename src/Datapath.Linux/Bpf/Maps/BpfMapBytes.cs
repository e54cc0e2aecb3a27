namespace Datapath.Linux.Bpf;

/// <summary>
/// Elements of a map as plain bytes, for code that learns only at run time what they hold, and for kinds of maps that have no view of their own. Does not own the map.
/// </summary>
/// <remarks>
/// What the bytes mean is between the caller and the kernel: where a key or a value is written as a descriptor (a map, a program, a socket), it reads as a
/// number, if at all, and the caller keeps it open during the call. Minimum kernel: 4.13, as <see cref="BpfMap"/>; taking 5.14.
/// </remarks>
public sealed unsafe class BpfMapBytes
{
    private readonly BpfMap _map;
    private readonly MapCalls _calls;
    private readonly MapElements _elements;

    internal BpfMapBytes(BpfMap map)
    {
        MapLayoutException.ThrowUnless(map.Info.KeySize != 0, map.Info, "has no keys");
        (_map, _calls, _elements) = (map, new(map), new(map));
    }

    /// <summary>Bytes of a key.</summary>
    public int KeySize => (int)_map.Info.KeySize;

    /// <summary>Bytes of an element's value; in a per-CPU map of its values of all possible CPUs, <see cref="ValueStride"/> each.</summary>
    public int ValueSize => _elements.ValueSize;

    /// <summary>In a per-CPU map: bytes from one CPU's value to the next, the size of a value rounded up to 8; else <see cref="ValueSize"/>.</summary>
    public int ValueStride => _elements.ValueStride;

    /// <summary>Copies a value out of the kernel. Neither a hit nor a miss allocates.</summary>
    /// <param name="key">The key, <see cref="KeySize"/> bytes.</param>
    /// <param name="value">Receives the value, <see cref="ValueSize"/> bytes; after a miss it holds nothing of use.</param>
    /// <returns>Whether there is such an element.</returns>
    /// <exception cref="ArgumentException">The key or the room for the value has another size.</exception>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public bool TryGetValue(ReadOnlySpan<byte> key, Span<byte> value)
    {
        ThrowUnlessFit(key, value);
        Errno errno;
        fixed (byte* k = key)
        fixed (byte* v = value)
            errno = _calls.Lookup(k, v);
        if (errno is Errno.ENOENT)
            return false;
        _calls.ThrowIfRefused(errno, $"look up a key in map '{_calls.Name}'");
        return true;
    }

    /// <summary>Adds or replaces an element.</summary>
    /// <param name="key">The key, <see cref="KeySize"/> bytes.</param>
    /// <param name="value">The value, <see cref="ValueSize"/> bytes.</param>
    /// <exception cref="ArgumentException">The key or the value has another size.</exception>
    /// <exception cref="BpfException">The kernel refused; <see cref="Errno.E2BIG"/> if the map is full or has no such index.</exception>
    public void Set(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) =>
        _calls.ThrowIfRefused(Update(key, value, 0), $"update a key of map '{_calls.Name}'");

    /// <summary>Adds an element, unless its key is there (<c>BPF_NOEXIST</c>).</summary>
    /// <param name="key">The key, <see cref="KeySize"/> bytes.</param>
    /// <param name="value">The value, <see cref="ValueSize"/> bytes.</param>
    /// <returns>Whether it was added.</returns>
    /// <exception cref="ArgumentException">The key or the value has another size.</exception>
    /// <exception cref="BpfException">The kernel refused; see <see cref="Set"/>.</exception>
    public bool TryAdd(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) => _calls.IsAdded(Update(key, value, MapCalls.OnlyNew), "a key");

    /// <summary>Replaces an element's value, if there is such an element (<c>BPF_EXIST</c>).</summary>
    /// <param name="key">The key, <see cref="KeySize"/> bytes.</param>
    /// <param name="value">The value, <see cref="ValueSize"/> bytes.</param>
    /// <returns>Whether it was replaced.</returns>
    /// <exception cref="ArgumentException">The key or the value has another size.</exception>
    /// <exception cref="BpfException">The kernel refused; see <see cref="Set"/>.</exception>
    public bool TryReplace(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) => _calls.IsReplaced(Update(key, value, MapCalls.OnlyExisting), "a key");

    /// <summary>Removes an element.</summary>
    /// <param name="key">The key, <see cref="KeySize"/> bytes.</param>
    /// <returns>Whether there was such an element.</returns>
    /// <exception cref="ArgumentException">The key has another size.</exception>
    /// <exception cref="BpfException">The kernel refused; EINVAL for an array, whose elements are always there.</exception>
    public bool Remove(ReadOnlySpan<byte> key)
    {
        ThrowUnlessKey(key);
        fixed (byte* k = key)
            return _calls.Remove(k, "a key");
    }

    /// <summary>Removes an element of a hash and copies its value out of the kernel in one atomic step. Minimum kernel: 5.14.</summary>
    /// <param name="key">The key, <see cref="KeySize"/> bytes.</param>
    /// <param name="value">Receives the value that it had, <see cref="ValueSize"/> bytes; after a miss it holds nothing of use.</param>
    /// <returns>Whether there was such an element.</returns>
    /// <exception cref="ArgumentException">The key or the room for the value has another size.</exception>
    /// <exception cref="FeatureNotSupportedException">The kernel is older.</exception>
    /// <exception cref="BpfException">The kernel refused; <see cref="Errno.ENOTSUPP"/> if the map is no hash.</exception>
    public bool TryTake(ReadOnlySpan<byte> key, Span<byte> value)
    {
        ThrowUnlessFit(key, value);
        Errno errno;
        fixed (byte* k = key)
        fixed (byte* v = value)
            errno = _calls.Take(k, v);
        return _calls.IsTaken(errno);
    }

    /// <summary>
    /// Copies all elements out of the kernel. Of a hash an element that is there all the time is among them exactly once (Linux 5.6); of other kinds, and on
    /// older kernels, one may come twice and another be missing while others remove keys. It always ends.
    /// </summary>
    /// <exception cref="NotSupportedException">The kernel does not list the elements of such maps.</exception>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public List<KeyValuePair<byte[], byte[]>> ToList()
    {
        var result = new List<KeyValuePair<byte[], byte[]>>();
        _elements.ForEach((key, value) =>
        {
            result.Add(new(key.ToArray(), value.ToArray()));
            return true;
        });
        return result;
    }

    private Errno Update(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, ulong flags)
    {
        ThrowUnlessFit(key, value);
        fixed (byte* k = key)
        fixed (byte* v = value)
            return _calls.Update(k, v, flags);
    }

    private void ThrowUnlessFit(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        ThrowUnlessKey(key);
        if (value.Length != ValueSize)
            throw new ArgumentException($"{value.Length} bytes for a value of map '{_calls.Name}', which takes {ValueSize}", nameof(value));
    }

    private void ThrowUnlessKey(ReadOnlySpan<byte> key)
    {
        if (key.Length != KeySize)
            throw new ArgumentException($"{key.Length} bytes for a key of map '{_calls.Name}', which takes {KeySize}", nameof(key));
    }
}
