using System.Buffers;
using System.Runtime.InteropServices;

namespace Datapath.Linux.Bpf;

/// <summary>Room for what one call of the kernel reads; borrowed, because whoever reads a map once reads it again.</summary>
internal sealed class MapPortion<TKey, TValue>(int size) : IDisposable
    where TKey : unmanaged
    where TValue : unmanaged
{
    private TKey[] _keys = ArrayPool<TKey>.Shared.Rent(size);
    private TValue[] _values = ArrayPool<TValue>.Shared.Rent(size);
    private int _size = size;

    public Span<TKey> Keys => _keys.AsSpan(0, _size);

    public Span<TValue> Values => _values.AsSpan(0, _size);

    /// <summary>Doubles the room; what it holds is lost.</summary>
    public void Grow()
    {
        var size = checked(2 * _size);
        var keys = ArrayPool<TKey>.Shared.Rent(size);
        var values = ArrayPool<TValue>.Shared.Rent(size);
        Dispose();
        (_size, _keys, _values) = (size, keys, values);
    }

    /// <summary>Adds the first elements to a list.</summary>
    public void AppendTo(List<KeyValuePair<TKey, TValue>> list, int count)
    {
        var first = list.Count;
        CollectionsMarshal.SetCount(list, first + count);
        var target = CollectionsMarshal.AsSpan(list)[first..];
        var keys = _keys.AsSpan(0, target.Length);
        var values = _values.AsSpan(0, target.Length);
        for (var i = 0; i < target.Length; i++)
            target[i] = new(keys[i], values[i]);
    }

    public void Dispose()
    {
        ArrayPool<TKey>.Shared.Return(_keys);
        ArrayPool<TValue>.Shared.Return(_values);
    }
}
