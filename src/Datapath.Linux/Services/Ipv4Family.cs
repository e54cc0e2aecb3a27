using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Datapath.BpfObjects.Layout;

namespace Datapath.Linux.Services;

/// <summary>IPv4 in the kernel.</summary>
internal readonly struct Ipv4Family : IFamily<FrontendKey4, Slot4>
{
    public static FrontendKey4 Key(L4Address address) => new()
    {
        Address = Words(address),
        Port = Swap(address.Port),
        Protocol = (byte)address.Protocol,
    };

    public static L4Address Address(in FrontendKey4 key) => FromWords(key.Address, Swap(key.Port), (L4Protocol)key.Protocol);

    public static ushort Tag(in FrontendKey4 key) => FrontendValue.Tag(key.Address.Word, key.Port, key.Protocol);

    public static Slot4 Slot(in SlotContent content) => new()
    {
        Address = content.BackendId == 0 ? default : Words(content.Backend),
        Port = content.BackendId == 0 ? (ushort)0 : Swap(content.Backend.Port),
        Type = (byte)content.Type,
        FrontendId = content.FrontendId,
        BackendId = content.BackendId,
    };

    public static Slot4 Header(uint frontendId, FrontendType type, FrontendTraits traits) => new()
    {
        Address = new() { Word = (uint)traits.AffinitySeconds },
        Type = (byte)type,
        Flags = (byte)traits.Flags,
        FrontendId = frontendId,
    };

    public static FrontendTraits Traits(in Slot4 header) => new((HeaderFlags)header.Flags, (int)header.Address.Word);

    public static SlotContent Read(in Slot4 slot, L4Protocol protocol) =>
        new(FromWords(slot.Address, Swap(slot.Port), protocol), slot.BackendId, slot.FrontendId, (FrontendType)slot.Type);

    public static uint BackendId(in Slot4 slot) => slot.BackendId;

    public static RetiredBackend4 Retired(RetiredBackend retired) => new()
    {
        BackendAddress = Words(retired.Backend),
        BackendPort = Swap(retired.Backend.Port),
        FrontendId = retired.FrontendId,
    };

    private static ushort Swap(ushort port) => BinaryPrimitives.ReverseEndianness(port);

    private static Ip4 Words(L4Address address)
    {
        Unsafe.SkipInit(out Ip4 words);
        _ = address.WriteAddress(MemoryMarshal.AsBytes(new Span<Ip4>(ref words)));
        return words;
    }

    private static L4Address FromWords(Ip4 words, ushort port, L4Protocol protocol) =>
        L4Address.FromBytes(MemoryMarshal.AsBytes(new ReadOnlySpan<Ip4>(in words)), port, protocol);
}
