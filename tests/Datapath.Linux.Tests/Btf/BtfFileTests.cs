using Datapath.Linux.Btf;
using Datapath.Linux.Elf;

namespace Datapath.Linux.Tests.Btf;

/// <summary>Types as they stand in an object, and types that contradict themselves.</summary>
public class BtfFileTests
{
    [Test]
    public void Sizes_look_through_typedefs_and_qualifiers()
    {
        var builder = new BtfBuilder();
        var word = builder.Int("unsigned int", 4);
        var alias = builder.Typedef("__be32", builder.Const(builder.Typedef("__u32", word)));
        var array = builder.Array(alias, 4);
        var pointer = builder.Pointer(array);
        var nested = builder.Array(array, 3);
        var @struct = builder.Struct("dp_ip6", 16, ("word", array, 0));
        var @enum = builder.Enum("dp_counter", ("DP_A", 0), ("DP_B", -1));
        var btf = BtfFile.Parse(builder.Build());
        Assert.That(new[] { word, alias, array, pointer, nested, @struct, @enum }.Select(btf.SizeOf), Is.EqualTo(new[] { 4, 4, 16, 8, 48, 16, 4 }));
        Assert.That(btf.Resolve(alias).Name, Is.EqualTo("unsigned int"));
        Assert.That(btf.Find(BtfKind.Struct, "dp_ip6")?.Id, Is.EqualTo(@struct));
        Assert.That(btf.Find(BtfKind.Union, "dp_ip6"), Is.Null);
    }

    [Test]
    public void Fields_have_offsets_in_bits_and_bit_fields_a_size()
    {
        var builder = new BtfBuilder();
        var word = builder.Int("int", 4);
        _ = builder.Struct("plain", 8, ("a", word, 0), ("b", word, 32));
        _ = builder.BitFields("bits", 4, ("low", word, 0, 3), ("high", word, 3, 29));
        var btf = BtfFile.Parse(builder.Build());
        Assert.That(btf.Find(BtfKind.Struct, "plain")!.Members, Is.EqualTo(new BtfMember[] { new("a", word, 0, 0), new("b", word, 32, 0) }));
        Assert.That(btf.Find(BtfKind.Struct, "bits")!.Members, Is.EqualTo(new BtfMember[] { new("low", word, 0, 3), new("high", word, 3, 29) }));
    }

    [Test]
    public void Enums_have_values_of_either_sign_and_width()
    {
        var builder = new BtfBuilder();
        _ = builder.Enum("narrow", ("MINUS", -7), ("PLUS", 7));
        _ = builder.Enum64("wide", ("LARGE", 0x1_0000_0002), ("MINUS", -1));
        _ = builder.Record("flags", BtfKind.Enum, 1, 4, 0, 0x8000_0000); // without a sign
        var btf = BtfFile.Parse(builder.Build());
        Assert.That(btf.Find(BtfKind.Enum, "narrow")!.Members.Select(static m => m.Value), Is.EqualTo(new[] { -7, 7 }));
        Assert.That(btf.Find(BtfKind.Enum, "flags")!.Members.Select(static m => m.Value), Is.EqualTo(new[] { 0x8000_0000 }));
        Assert.That(btf.Find(BtfKind.Enum64, "wide")!.Members.Select(static m => m.Value), Is.EqualTo(new[] { 0x1_0000_0002, -1 }));
    }

    [Test]
    public void A_typedef_of_itself_is_refused()
    {
        var builder = new BtfBuilder();
        var self = builder.Typedef("self", 1);
        var btf = BtfFile.Parse(builder.Build());
        AssertRefused(() => btf.Resolve(self), "type 1 refers to itself");
        AssertRefused(() => btf.SizeOf(self), "type 1 refers to itself");
    }

    [Test]
    public void Two_qualifiers_of_each_other_are_refused()
    {
        var builder = new BtfBuilder();
        _ = builder.Const(2);
        _ = builder.Typedef("t", 1);
        AssertRefused(() => BtfFile.Parse(builder.Build()).SizeOf(2), "refers to itself");
    }

    [Test]
    public void An_array_of_itself_is_refused()
    {
        var builder = new BtfBuilder();
        _ = builder.Array(1, 1);
        AssertRefused(() => BtfFile.Parse(builder.Build()).SizeOf(1), "type 1 contains itself");
    }

    [Test]
    public void An_array_larger_than_memory_has_no_size()
    {
        var builder = new BtfBuilder();
        var array = builder.Array(builder.Int("int", 4), uint.MaxValue);
        AssertRefused(() => BtfFile.Parse(builder.Build()).SizeOf(array), "is larger than memory");
    }

    [Test]
    public void Void_and_functions_have_no_size()
    {
        var builder = new BtfBuilder();
        var prototype = builder.Record("", BtfKind.FuncProto, 0, 0);
        var btf = BtfFile.Parse(builder.Build());
        AssertRefused(() => btf.SizeOf(0), "('', Void) has no size");
        AssertRefused(() => btf.Resolve(0), "type 0 of 1");
        AssertRefused(() => btf.SizeOf(prototype), "(FuncProto) has no size".Replace("(", "('', ", StringComparison.Ordinal));
        AssertRefused(() => btf.SizeOf(2), "type 2 of 1");
    }

    // Many ends of one long name would make much memory of a small file.
    [TestCase(511, false)]
    [TestCase(512, true)]
    public void A_name_that_the_kernel_would_not_take_is_refused(int length, bool isRefused)
    {
        var builder = new BtfBuilder();
        _ = builder.Int(new('a', length), 4);
        Assert.That(Fuzz.IsRead(() => BtfFile.Parse(builder.Build())), Is.EqualTo(!isRefused));
    }

    [Test]
    public void An_unknown_kind_is_refused()
    {
        var builder = new BtfBuilder();
        _ = builder.Record("", (BtfKind)20, 0, 0);
        AssertRefused(() => BtfFile.Parse(builder.Build()), "type 1 has the unknown kind 20");
    }

    [Test]
    public void Another_magic_number_or_version_is_refused()
    {
        var file = new BtfBuilder().Build();
        AssertRefused(() => BtfFile.Parse((byte[])[0xeb, 0x9f, .. file[2..]]), "no little-endian BTF header");
        AssertRefused(() => BtfFile.Parse((byte[])[.. file[..2], 2, .. file[3..]]), "version 2, expected 1");
    }

    [Test]
    public void Every_truncation_is_refused()
    {
        var builder = new BtfBuilder();
        _ = builder.Struct("plain", 8, ("a", builder.Int("int", 4), 0));
        var file = builder.Build();
        for (var length = 0; length < file.Length; length++)
            Assert.That(Fuzz.IsRead(() => BtfFile.Parse(file.AsMemory(0, length))), Is.False, $"{length} bytes");
    }

    private static void AssertRefused(Action read, string message) =>
        Assert.That(read, Throws.TypeOf<InvalidBpfObjectException>().With.Message.Contains(message));
}
