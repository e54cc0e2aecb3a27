using System.Runtime.InteropServices;

namespace Datapath.Linux.Netlink;

/// <summary>One message within a datagram; a view, valid as long as the buffer is.</summary>
internal readonly ref struct NetlinkMessage
{
    internal NetlinkMessage(NlMsgHdr header, ReadOnlySpan<byte> payload)
    {
        (Type, Flags, Sequence, PortId) = (header.Type, header.Flags, header.Sequence, header.PortId);
        Payload = payload;
    }

    public ushort Type { get; }

    public ushort Flags { get; }

    public uint Sequence { get; }

    /// <summary>The socket that asked for what is told; 0 if the kernel did it by itself.</summary>
    public uint PortId { get; }

    /// <summary>What follows the netlink header: a fixed header of the family, then attributes.</summary>
    public ReadOnlySpan<byte> Payload { get; }

    /// <summary>The fixed header of the family.</summary>
    /// <exception cref="NetlinkFormatException">The message is shorter.</exception>
    public unsafe T ReadHeader<T>()
        where T : unmanaged =>
        MemoryMarshal.TryRead<T>(Payload, out var header)
            ? header
            : throw new NetlinkFormatException($"message of type {Type} has {Payload.Length} bytes where a {typeof(T).Name} takes {sizeof(T)}");

    /// <summary>The attributes that follow a fixed header of <paramref name="headerLength"/> bytes.</summary>
    public NetlinkAttributeReader Attributes(int headerLength)
    {
        var start = Nl.Align(headerLength);
        return new(start <= Payload.Length ? Payload[start..] : []);
    }

    /// <summary>The attributes that follow a <typeparamref name="T"/>.</summary>
    public unsafe NetlinkAttributeReader AttributesAfter<T>()
        where T : unmanaged =>
        Attributes(sizeof(T));
}
