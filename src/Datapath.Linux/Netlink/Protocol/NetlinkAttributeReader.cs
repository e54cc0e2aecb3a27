using System.Runtime.InteropServices;

namespace Datapath.Linux.Netlink;

/// <summary>Walks over attributes, for use in a <see langword="foreach"/>. Every length is checked before it is used.</summary>
internal ref struct NetlinkAttributeReader(ReadOnlySpan<byte> attributes)
{
    private ReadOnlySpan<byte> _rest = attributes;

    public NetlinkAttribute Current { get; private set; }

    public readonly NetlinkAttributeReader GetEnumerator() => this;

    /// <summary>Goes to the next attribute; <see langword="false"/> at the end.</summary>
    /// <exception cref="NetlinkFormatException">A header is cut off, or its length leaves the message.</exception>
    public unsafe bool MoveNext()
    {
        if (_rest.IsEmpty)
            return false;
        if (!MemoryMarshal.TryRead<NlAttr>(_rest, out var header))
            throw new NetlinkFormatException($"{_rest.Length} bytes are left, the header of an attribute takes {sizeof(NlAttr)}");
        if (header.Length < sizeof(NlAttr) || header.Length > _rest.Length)
            throw new NetlinkFormatException($"attribute {header.Type & Nl.NLA_TYPE_MASK} says {header.Length} bytes, {_rest.Length} are left");

        Current = new(header.Type, _rest[sizeof(NlAttr)..header.Length]);
        _rest = _rest[Math.Min(Nl.Align(header.Length), _rest.Length)..];
        return true;
    }
}
