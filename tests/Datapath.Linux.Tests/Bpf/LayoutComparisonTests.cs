using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Datapath.Linux.Bpf;
using Datapath.Linux.Btf;
using Datapath.Linux.Tests.Btf;

namespace Datapath.Linux.Tests.Bpf;

/// <summary>Fields of C# structs against those of C.</summary>
[TestFixture]
public unsafe class LayoutComparisonTests
{
    private readonly BtfBuilder _btf = new();
    private uint _byte;
    private uint _int;
    private uint _long;

    [OneTimeSetUp]
    public void MakeNumbers() => (_byte, _int, _long) = (_btf.Int("unsigned char", 1), _btf.Int("unsigned int", 4), _btf.Int("unsigned long", 8));

    [Test]
    public void The_same_fields_are_fine_whatever_their_names()
    {
        var type = _btf.Typedef("pair_t", _btf.Const(_btf.Struct("pair", 16, ("a", _int, 0), ("b", _int, 32), ("c", _btf.Pointer(_int), 64))));
        Assert.That(Difference<IntIntLong>(type, 16), Is.Null);
    }

    [Test]
    public void The_first_field_of_another_size_is_named()
    {
        var type = _btf.Struct("pair", 16, ("a", _int, 0), ("b", _int, 32), ("c", _int, 64), ("d", _int, 96));
        Assert.That(Difference<IntIntLong>(type, 16), Is.EqualTo("'x.c' is at 8 with 4 bytes, field 'Third' of IntIntLong at 8 with 8"));
    }

    [Test]
    public void A_field_at_another_place_is_named()
    {
        var type = _btf.Struct("apart", 16, ("a", _int, 0), ("b", _int, 48), ("c", _int, 96));
        Assert.That(Difference<IntIntLong>(type, 16), Is.EqualTo("'x.b' is at 6 with 4 bytes, field 'Second' of IntIntLong at 4 with 4"));
    }

    [Test]
    public void A_field_for_the_padding_of_the_other_side_is_fine()
    {
        var padded = _btf.Struct("padded", 8, ("a", _byte, 0), ("b", _int, 32));
        Assert.That(Difference<ByteAndPadding>(padded, 8), Is.Null);
        var explicitly = _btf.Struct("explicit", 8, ("a", _byte, 0), ("pad", _btf.Array(_byte, 3), 8), ("b", _int, 32));
        Assert.That(Difference<ByteAndPadding>(explicitly, 8), Is.Null);
        Assert.That(Difference<Implicit>(explicitly, 8), Is.Null);
    }

    [Test]
    public void Structs_within_are_looked_into()
    {
        var inner = _btf.Struct("inner", 8, ("a", _int, 0), ("b", _int, 32));
        var type = _btf.Struct("outer", 16, ("first", inner, 0), ("second", inner, 64));
        Assert.That(Difference<TwoPairs>(type, 16), Is.Null);
        Assert.That(Difference<IntIntLong>(type, 16), Is.Null, "its last field is a whole inner struct");
        Assert.That(Difference<FourInts>(type, 16), Is.Null, "the same without a struct around it");
        var other = _btf.Struct("other", 16, ("first", inner, 0), ("second", _btf.Struct("uneven", 8, ("a", _byte, 0), ("b", _int, 32)), 64));
        Assert.That(Difference<TwoPairs>(other, 16), Is.EqualTo("'x.second.a' is at 8 with 1 bytes, field 'Second.First' of TwoPairs at 8 with 4"));
    }

    [Test]
    public void Fields_of_an_unnamed_struct_are_those_of_the_one_around_it()
    {
        var type = _btf.Struct("outer", 16, ("", _btf.Struct("", 8, ("a", _byte, 0), ("b", _int, 32)), 0), ("c", _long, 64));
        Assert.That(Difference<IntIntLong>(type, 16), Is.EqualTo("'x.a' is at 0 with 1 bytes, field 'First' of IntIntLong at 0 with 4"));
    }

    [Test]
    public void In_an_array_of_numbers_and_in_a_union_anything_may_stand_that_does_not_leave_it()
    {
        var bytes = _btf.Struct("bytes", 16, ("a", _btf.Array(_byte, 8), 0), ("c", _long, 64));
        Assert.That(Difference<IntIntLong>(bytes, 16), Is.Null);
        Assert.That(Difference<Buffer>(bytes, 16), Is.Null);
        var union = _btf.Struct("either", 16, ("a", _btf.Union("u", 8, ("number", _long), ("short", _int)), 0), ("c", _long, 64));
        Assert.That(Difference<IntIntLong>(union, 16), Is.Null);
        var odd = _btf.Struct("odd", 16, ("a", _btf.Array(_byte, 6), 0), ("b", _btf.Array(_byte, 10), 48));
        Assert.That(Difference<IntIntLong>(odd, 16), Is.EqualTo("'x.a' is at 0 with 6 bytes, field 'Second' of IntIntLong at 4 with 4"));
        var bits = _btf.BitFields("bits", 16, ("a", _int, 0, 3), ("b", _int, 3, 29));
        Assert.That(Difference<IntIntLong>(bits, 16), Is.Null);
    }

    [Test]
    public void Elements_of_arrays_of_structs_are_compared()
    {
        var inner = _btf.Struct("inner", 8, ("a", _int, 0), ("b", _int, 32));
        var type = _btf.Array(inner, 2);
        Assert.That(Difference<TwoPairs>(type, 16), Is.Null);
        Assert.That(Difference<PairArray>(type, 16), Is.Null);
        var uneven = _btf.Array(_btf.Struct("uneven", 8, ("a", _int, 0), ("b", _byte, 32)), 2);
        Assert.That(Difference<PairArray>(uneven, 16), Is.EqualTo("'x[0].b' is at 4 with 1 bytes, field '[0].Second' of PairArray at 4 with 4"));
    }

    [Test]
    public void A_number_or_a_union_in_place_of_a_whole_struct_is_fine()
    {
        var type = _btf.Struct("pair", 8, ("a", _byte, 0), ("b", _int, 32));
        Assert.That(Difference<ulong>(type, 8), Is.Null);
        Assert.That(Difference<Union>(type, 8), Is.Null);
        Assert.That(Difference<Pair>(_long, 8), Is.Null);
    }

    [Test]
    public void A_struct_that_holds_itself_ends()
    {
        var self = (uint)_btf.Struct("self", 16, ("a", _int, 0)) + 1;
        Assert.That(_btf.Struct("endless", 16, ("a", self, 32)), Is.EqualTo(self));
        Assert.That(() => Difference<IntIntLong>(self, 16), Throws.Nothing);
    }

    private string? Difference<T>(uint type, int size)
        where T : unmanaged
    {
        Assert.That(sizeof(T), Is.EqualTo(size));
        return LayoutComparison.Find(new CPart(BtfFile.Parse(_btf.Build()), type, "x", 0, size), typeof(T));
    }

#pragma warning disable CS0649, CS0169, IDE0044, IDE0051, CA1823 // only their layout matters
    private struct IntIntLong
    {
        public uint First;
        public uint Second;
        public ulong Third;
    }

    private struct ByteAndPadding
    {
        public byte Small;
        public byte Padding1;
        public ushort Padding2;
        public uint Large;
    }

    private struct Implicit
    {
        public byte Small;
        public uint Large;
    }

    private struct Pair
    {
        public uint First;
        public uint Second;
    }

    private struct TwoPairs
    {
        public Pair First;
        public Pair Second;
    }

    private struct FourInts
    {
        public uint First;
        public uint Second;
        public uint Third;
        public uint Fourth;
    }

    private struct Buffer
    {
        public fixed uint Data[2];
        public ulong Last;
    }

    [InlineArray(2)]
    private struct PairArray
    {
        private Pair _first;
    }

    [StructLayout(LayoutKind.Explicit)]
    private struct Union
    {
        [FieldOffset(0)] public ulong Whole;
        [FieldOffset(0)] public uint Low;
    }
#pragma warning restore CS0649, CS0169, IDE0044, IDE0051, CA1823
}
