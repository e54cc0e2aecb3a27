using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Datapath.BpfObjects.Layout;

namespace Datapath.Linux.Services;

/// <summary>IPv6 in the kernel.</summary>
internal readonly struct Ipv6Family : IFamily<FrontendKey6, Slot6>
{
    public static FrontendKey6 Key(L4Address address) => new()
    {
        Address = Words(address),
        Port = Swap(address.Port),
        Protocol = (byte)address.Protocol,
    };

    public static L4Address Address(in FrontendKey6 key) => FromWords(key.Address, Swap(key.Port), (L4Protocol)key.Protocol);

    public static ushort Tag(in FrontendKey6 key) =>
        FrontendValue.Tag(key.Address.Word0 ^ key.Address.Word1 ^ key.Address.Word2 ^ key.Address.Word3, key.Port, key.Protocol);

    public static Slot6 Slot(in SlotContent content) => new()
    {
        Address = content.BackendId == 0 ? default : Words(content.Backend),
        Port = content.BackendId == 0 ? (ushort)0 : Swap(content.Backend.Port),
        Type = (byte)content.Type,
        FrontendId = content.FrontendId,
        BackendId = content.BackendId,
    };

    public static Slot6 Header(uint frontendId, FrontendType type, FrontendTraits traits) => new()
    {
        Address = new() { Word0 = (uint)traits.AffinitySeconds },
        Type = (byte)type,
        Flags = (byte)traits.Flags,
        FrontendId = frontendId,
    };

    public static FrontendTraits Traits(in Slot6 header) => new((HeaderFlags)header.Flags, (int)header.Address.Word0);

    public static SlotContent Read(in Slot6 slot, L4Protocol protocol) =>
        new(FromWords(slot.Address, Swap(slot.Port), protocol), slot.BackendId, slot.FrontendId, (FrontendType)slot.Type);

    public static uint BackendId(in Slot6 slot) => slot.BackendId;

    public static RetiredBackend6 Retired(RetiredBackend retired) => new()
    {
        BackendAddress = Words(retired.Backend),
        BackendPort = Swap(retired.Backend.Port),
        FrontendId = retired.FrontendId,
    };

    /// <summary>An address of either family, IPv4 as <c>::ffff:a.b.c.d</c>.</summary>
    /// <param name="words">The address.</param>
    /// <param name="port">The port, in network order.</param>
    /// <param name="protocol">The protocol.</param>
    public static L4Address FromMappedWords(Ip6 words, ushort port, L4Protocol protocol) => FromWords(words, Swap(port), protocol);

    private static ushort Swap(ushort port) => BinaryPrimitives.ReverseEndianness(port);

    private static Ip6 Words(L4Address address)
    {
        Unsafe.SkipInit(out Ip6 words);
        _ = address.WriteAddress(MemoryMarshal.AsBytes(new Span<Ip6>(ref words)));
        return words;
    }

    private static L4Address FromWords(Ip6 words, ushort port, L4Protocol protocol) =>
        L4Address.FromBytes(MemoryMarshal.AsBytes(new ReadOnlySpan<Ip6>(in words)), port, protocol);
}
