using System.Runtime.InteropServices;

namespace Datapath.Linux.Netlink;

/// <summary>Takes a datagram apart into messages. Every length is checked before it is used, so any bytes may be given.</summary>
internal ref struct NetlinkMessageReader(ReadOnlySpan<byte> datagram)
{
    private ReadOnlySpan<byte> _rest = datagram;

    /// <summary>The next message; <see langword="false"/> at the end.</summary>
    /// <exception cref="NetlinkFormatException">A header is cut off, or its length leaves the datagram.</exception>
    public unsafe bool TryRead(out NetlinkMessage message)
    {
        if (_rest.IsEmpty)
        {
            message = default;
            return false;
        }

        if (!MemoryMarshal.TryRead<NlMsgHdr>(_rest, out var header))
            throw new NetlinkFormatException($"{_rest.Length} bytes are left, a header takes {sizeof(NlMsgHdr)}");
        if (header.Length < sizeof(NlMsgHdr) || header.Length > (uint)_rest.Length)
            throw new NetlinkFormatException($"message of type {header.Type} says {header.Length} bytes, {_rest.Length} are left");

        var length = (int)header.Length;
        message = new(header, _rest[sizeof(NlMsgHdr)..length]);
        _rest = _rest[Math.Min(Nl.Align(length), _rest.Length)..]; // the last one may lack its padding
        return true;
    }
}
