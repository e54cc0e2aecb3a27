using System.Net;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;

namespace Datapath.Linux.Netlink;

/// <summary>Builds one request in a buffer of the caller, who knows how much it can need: names are short and addresses are small.</summary>
internal unsafe ref struct NetlinkWriter
{
    private readonly Span<byte> _buffer;
    private int _length;

    /// <summary>Starts a request.</summary>
    /// <param name="buffer">Where to write.</param>
    /// <param name="type">What is asked, such as RTM_NEWLINK.</param>
    /// <param name="flags">Besides NLM_F_REQUEST, and NLM_F_ACK or NLM_F_DUMP, which the socket adds.</param>
    public NetlinkWriter(Span<byte> buffer, ushort type, ushort flags = 0)
    {
        _buffer = buffer;
        Add(new NlMsgHdr { Type = type, Flags = (ushort)(flags | Nl.NLM_F_REQUEST) });
    }

    /// <summary>How many bytes there are so far.</summary>
    public readonly int Length => _length;

    /// <summary>Appends a fixed header.</summary>
    public void Add<T>(in T header)
        where T : unmanaged =>
        MemoryMarshal.Write(Take(sizeof(T)), in header);

    /// <summary>Appends an attribute.</summary>
    public void Add(ushort type, scoped ReadOnlySpan<byte> value) => value.CopyTo(AddHeader(type, value.Length));

    /// <summary>Appends a number, or a struct, in the order of bytes of this machine.</summary>
    public void Add<T>(ushort type, T value)
        where T : unmanaged =>
        MemoryMarshal.Write(AddHeader(type, sizeof(T)), in value);

    /// <summary>Appends a number in the order of bytes of the network.</summary>
    public void AddBigEndian<T>(ushort type, T value)
        where T : unmanaged, IBinaryInteger<T> =>
        value.WriteBigEndian(AddHeader(type, sizeof(T)));

    /// <summary>Appends a text and the zero that ends it.</summary>
    public void Add(ushort type, string value)
    {
        var bytes = Encoding.UTF8.GetByteCount(value);
        Encoding.UTF8.GetBytes(value, AddHeader(type, bytes + 1)); // the buffer gives the zero
    }

    /// <summary>Appends an IPv4 or IPv6 address.</summary>
    public void Add(ushort type, IPAddress value)
    {
        Span<byte> bytes = stackalloc byte[16];
        value.TryWriteBytes(bytes, out var length);
        Add(type, bytes[..length]);
    }

    /// <summary>Opens an attribute that holds attributes; give the result to <see cref="EndNested"/>.</summary>
    public int BeginNested(ushort type)
    {
        var start = _length;
        AddHeader((ushort)(type | Nl.NLA_F_NESTED), 0);
        return start;
    }

    /// <summary>Closes what <see cref="BeginNested"/> opened, the inner ones first.</summary>
    public readonly void EndNested(int start) => MemoryMarshal.Write(_buffer[start..], (ushort)(_length - start));

    /// <summary>The whole message, with the last facts put in its header.</summary>
    internal readonly ReadOnlySpan<byte> Complete(uint sequence, ushort flags)
    {
        ref var header = ref MemoryMarshal.AsRef<NlMsgHdr>(_buffer);
        (header.Length, header.Sequence) = ((uint)_length, sequence);
        header.Flags |= flags;
        return _buffer[.._length];
    }

    private Span<byte> AddHeader(ushort type, int valueLength)
    {
        var length = sizeof(NlAttr) + valueLength;
        if (length > ushort.MaxValue)
            throw new ArgumentException($"attribute {type & Nl.NLA_TYPE_MASK} of {valueLength} bytes is longer than netlink can carry");
        var span = Take(length);
        MemoryMarshal.Write(span, new NlAttr { Length = (ushort)length, Type = type });
        return span[sizeof(NlAttr)..];
    }

    // Zeroed, so that padding never shows what the stack held.
    private Span<byte> Take(int length)
    {
        var aligned = Nl.Align(length);
        if (aligned > _buffer.Length - _length)
            throw new ArgumentException($"the request is longer than the {_buffer.Length} bytes kept for it: a name or value in it is far too long");
        var span = _buffer.Slice(_length, aligned);
        span.Clear();
        _length += aligned;
        return span[..length];
    }
}
