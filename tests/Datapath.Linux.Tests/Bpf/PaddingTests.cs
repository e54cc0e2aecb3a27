using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Datapath.BpfObjects.Layout;
using Datapath.Linux.Bpf;

namespace Datapath.Linux.Tests.Bpf;

/// <summary>Bytes of structs that belong to no field.</summary>
public unsafe class PaddingTests
{
    [Test]
    public void A_struct_without_padding_is_fine()
    {
        Assert.That(StructPadding<uint>.Text, Is.Null);
        Assert.That(StructPadding<Guid>.Text, Is.Null);
        Assert.That(StructPadding<FrontendKey6>.Text, Is.Null);
        Assert.That(StructPadding<ManagerState>.Text, Is.Null);
        Assert.That(StructPadding<Ipv4Prefix>.Text, Is.Null);
        Assert.That(StructPadding<Ipv6Prefix>.Text, Is.Null);
        Assert.That(StructPadding<DayOfWeek>.Text, Is.Null);
        Assert.That(StructPadding<Packed>.Text, Is.Null);
        Assert.That(StructPadding<WithBuffer>.Text, Is.Null);
        Assert.That(StructPadding<Inline>.Text, Is.Null);
        Assert.That(StructPadding<Union>.Text, Is.Null);
        Assert.That(StructPadding<WithPointer>.Text, Is.Null);
    }

    [Test]
    public void Padding_is_told_with_its_place_and_size()
    {
        Assert.That(StructPadding<Middle>.Text, Is.EqualTo("3 bytes of padding after field 'Small'"));
        Assert.That(StructPadding<Tail>.Text, Is.EqualTo("1 byte of padding after field 'Small'"));
        Assert.That(StructPadding<Nested>.Text, Is.EqualTo("1 byte of padding after field 'Small' of field 'Inner'"));
        Assert.That(StructPadding<BeforeNested>.Text, Is.EqualTo("2 bytes of padding after field 'First'"));
        Assert.That(StructPadding<InlineOfPadded>.Text, Is.EqualTo("1 byte of padding after field 'Small' of field '_element'"));
        Assert.That(StructPadding<Gap>.Text, Is.EqualTo("4 bytes of padding after field 'First'"));
        Assert.That(StructPadding<LateStart>.Text, Is.EqualTo("4 bytes of padding before field 'First'"));
        Assert.That(StructPadding<OfProperties>.Text, Is.EqualTo("3 bytes of padding after field 'Small'"));
        Assert.That(StructPadding<LargerThanItsFields>.Text, Is.EqualTo("4 bytes of padding after field 'First'"));
    }

#pragma warning disable CS0649, CS0169, IDE0044, IDE0051, CA1823 // only their layout matters
    private struct Middle
    {
        public byte Small;
        public uint Large;
    }

    private struct Tail
    {
        public ushort Large;
        public byte Small;
    }

    private struct Nested
    {
        public Tail Inner;
        public uint Other;
    }

    private struct BeforeNested
    {
        public ushort First;
        public Ip4 Second;
        public ushort Third;
        public ushort Fourth;
    }

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private struct Packed
    {
        public byte Small;
        public uint Large;
    }

    private struct WithBuffer
    {
        public uint Number;
        public fixed byte Name[16];
    }

    [InlineArray(6)]
    private struct Inline
    {
        private ushort _element;
    }

    [InlineArray(6)]
    private struct InlineOfPadded
    {
        private Tail _element;
    }

    [StructLayout(LayoutKind.Explicit)]
    private struct Union
    {
        [FieldOffset(0)] public ulong Whole;
        [FieldOffset(0)] public uint Low;
        [FieldOffset(8)] public ulong More;
    }

    [StructLayout(LayoutKind.Explicit)]
    private struct Gap
    {
        [FieldOffset(0)] public uint First;
        [FieldOffset(8)] public ulong Second;
    }

    [StructLayout(LayoutKind.Explicit)]
    private struct LateStart
    {
        [FieldOffset(4)] public uint First;
    }

    [StructLayout(LayoutKind.Sequential, Size = 8)]
    private struct LargerThanItsFields
    {
        public uint First;
    }

    private readonly record struct OfProperties(byte Small, uint Large);

    private struct WithPointer
    {
        public void* Pointer;
        public nint Number;
    }
#pragma warning restore CS0649, CS0169, IDE0044, IDE0051, CA1823
}
