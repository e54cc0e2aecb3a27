using Datapath.Linux.Bpf;

namespace Datapath.Linux.Tests.Errors;

/// <summary>A map with keys as the kernel keeps it, without its speed; one with a value for each CPU has as many as this machine.</summary>
internal sealed unsafe class FakeMap(MapCreateAttr attr)
{
    private readonly List<(byte[] Key, byte[] Value)> _elements = [];

    private readonly uint _valueSize = (MapType)attr.MapType is MapType.PerCpuHash or MapType.PerCpuArray
        ? ((attr.ValueSize + 7) & ~7U) * (uint)PossibleCpus.Count
        : attr.ValueSize;

    public MapCreateAttr Attr { get; } = attr;

    public int Count => _elements.Count;

    /// <summary>What happens before the next key is looked for.</summary>
    public Action<FakeMap>? BeforeNextKey { get; set; }

    public void Clear() => _elements.Clear();

    public Errno Lookup(MapElementAttr call)
    {
        var at = Find(call.Key);
        if (at < 0)
            return Errno.ENOENT;
        _elements[at].Value.CopyTo(new Span<byte>((void*)call.ValueOrNextKey, (int)_valueSize));
        return Errno.None;
    }

    public Errno Update(MapElementAttr call)
    {
        var at = Find(call.Key);
        if (call.Flags == MapCalls.OnlyNew && at >= 0)
            return Errno.EEXIST;
        if (call.Flags == MapCalls.OnlyExisting && at < 0)
            return Errno.ENOENT;
        if (at < 0 && _elements.Count == Attr.MaxEntries)
            return Errno.E2BIG;
        var element = (Bytes(call.Key, Attr.KeySize), Bytes(call.ValueOrNextKey, _valueSize));
        if (at < 0)
            _elements.Add(element);
        else
            _elements[at] = element;
        return Errno.None;
    }

    public Errno Delete(MapElementAttr call)
    {
        var at = Find(call.Key);
        if (at < 0)
            return Errno.ENOENT;
        _elements.RemoveAt(at);
        return Errno.None;
    }

    // Starts over for a key that is not there, as the kernel does.
    public Errno NextKey(MapElementAttr call)
    {
        BeforeNextKey?.Invoke(this);
        var next = call.Key == 0 ? 0 : Find(call.Key) + 1;
        if (next >= _elements.Count)
            return Errno.ENOENT;
        _elements[next].Key.CopyTo(new Span<byte>((void*)call.ValueOrNextKey, (int)Attr.KeySize));
        return Errno.None;
    }

    private static byte[] Bytes(ulong address, uint size) => new ReadOnlySpan<byte>((void*)address, (int)size).ToArray();

    private int Find(ulong key)
    {
        var wanted = Bytes(key, Attr.KeySize);
        return _elements.FindIndex(e => e.Key.AsSpan().SequenceEqual(wanted));
    }
}
