using Datapath.Linux.Btf;
using Datapath.Linux.Elf;
using static Datapath.Linux.Btf.CoreRelocationKind;

namespace Datapath.Linux.Tests.Btf;

/// <summary>Whole types and values of enums.</summary>
public class CoreTypeTests
{
    private CoreLab _lab = null!;
    private uint _mine;
    private uint _theirs;

    private BtfBuilder Local => _lab.Local;

    private BtfBuilder Kernel => _lab.Kernel;

    [SetUp]
    public void Start()
    {
        _lab = new();
        (_mine, _theirs) = (Local.Int("unsigned int", 4), Kernel.Int("unsigned int", 4));
    }

    [Test]
    public void A_type_has_a_number_and_a_size_where_it_exists()
    {
        var root = Local.Struct("s___f", 8, ("a", _mine, 0));
        var theirs = Kernel.Struct("s", 40, ("b", _theirs, 0));
        Assert.That(_lab.Ask(TypeIdLocal, root), Is.EqualTo(root));
        Assert.That(_lab.Ask(TypeIdTarget, root), Is.EqualTo(theirs));
        Assert.That(_lab.Ask(TypeExists, root), Is.EqualTo(1));
        Assert.That(_lab.Answer(TypeSize, root), Is.EqualTo(new CoreAnswer("struct s___f", 8, 40)));
        Assert.That(_lab.Ask(TypeMatches, root), Is.Zero, "the kernel's has no field 'a'");
    }

    [Test]
    public void A_missing_type_is_zero_in_every_way()
    {
        var root = Local.Struct("s", 8, ("a", _mine, 0));
        _ = Kernel.Union("s", 8, ("a", _theirs));
        foreach (var kind in new[] { TypeIdTarget, TypeExists, TypeSize, TypeMatches })
            Assert.That(_lab.Ask(kind, root), Is.Zero, $"{kind}");
    }

    [Test]
    public void Typedefs_of_functions_exist_if_their_parameters_do()
    {
        var prototype = Local.Record("", BtfKind.FuncProto, 1, _mine, 0, Local.Pointer(0));
        var longer = Local.Record("", BtfKind.FuncProto, 2, _mine, 0, Local.Pointer(0), 0, _mine);
        var theirs = Kernel.Record("", BtfKind.FuncProto, 1, Kernel.SignedInt("int", 8), 0, Kernel.Pointer(0));
        _ = Kernel.Typedef("f", Kernel.Pointer(theirs));
        Assert.That(_lab.Ask(TypeExists, Local.Typedef("f", Local.Pointer(prototype))), Is.EqualTo(1));
        Assert.That(_lab.Ask(TypeExists, Local.Typedef("f", Local.Pointer(longer))), Is.Zero);
        Assert.That(_lab.Ask(TypeExists, Local.Typedef("f", Local.Array(_mine, 1))), Is.Zero);
    }

    [Test]
    public void A_match_needs_each_field_with_a_matching_type()
    {
        var good = Local.Struct("s", 16, ("b", Local.Const(_mine), 0), ("p", Local.Pointer(Local.Struct("far", 4, ("x", _mine, 0))), 64));
        var sign = Local.Struct("s", 16, ("b", Local.SignedInt("unsigned int", 4), 0));
        var name = Local.Struct("s", 16, ("p", Local.Pointer(Local.Struct("near", 4)), 64));
        var length = Local.Struct("s", 16, ("a", Local.Array(_mine, 3), 0));
        _ = Kernel.Struct(
            "s", 64, ("a", Kernel.Array(_theirs, 4), 0), ("b", _theirs, 128), ("p", Kernel.Pointer(Kernel.Record("far", BtfKind.Forward, 0, 0)), 192));
        Assert.That(
            new[] { good, sign, name, length }.Select(root => _lab.Ask(TypeMatches, root)), Is.EqualTo(new ulong?[] { 1, 0, 0, 0 }));
    }

    [Test]
    public void A_pointer_to_a_struct_matches_no_declared_union()
    {
        var root = Local.Struct("s", 8, ("p", Local.Pointer(Local.Struct("far", 4)), 0));
        _ = Kernel.Struct("s", 8, ("p", Kernel.Pointer(Kernel.Record("far", BtfKind.Forward, 1 << 31, 0)), 0));
        Assert.That(_lab.Ask(TypeMatches, root), Is.Zero);
    }

    [Test]
    public void Enums_match_by_the_names_of_their_values()
    {
        var good = Local.Enum("mode", ("B", 7), ("A___f", 9));
        var unknown = Local.Enum("mode", ("C", 0));
        var wide = Local.Enum64("mode", ("A", 0));
        _ = Kernel.Enum("mode", ("A", 0), ("B", 1));
        Assert.That(new[] { good, unknown, wide }.Select(root => _lab.Ask(TypeMatches, root)), Is.EqualTo(new ulong?[] { 1, 0, 0 }));
        Assert.That(_lab.Ask(TypeExists, wide), Is.EqualTo(1), "the width is no matter for that");
    }

    [Test]
    public void Values_of_enums_are_found_by_name_across_widths()
    {
        var root = Local.Enum("mode___f", ("A", 1), ("B", 2), ("C___f", 3));
        _ = Kernel.Enum64("mode", ("C", 0x1_0000_0000), ("A", -5));
        Assert.That(_lab.Answer(EnumValue, root, "0"), Is.EqualTo(new CoreAnswer("enum mode___f.A", 1, unchecked((ulong)-5L))));
        Assert.That(_lab.Ask(EnumValue, root, "1"), Is.Null);
        Assert.That(_lab.Ask(EnumValue, root, "2"), Is.EqualTo(0x1_0000_0000));
        Assert.That(Enumerable.Range(0, 3).Select(i => _lab.Ask(EnumValueExists, root, $"{i}")), Is.EqualTo(new ulong?[] { 1, 0, 1 }));
        Assert.That(() => _lab.Ask(EnumValue, root, "3"), Throws.TypeOf<InvalidBpfObjectException>());
        Assert.That(() => _lab.Ask(EnumValue, _mine, "0"), Throws.TypeOf<InvalidBpfObjectException>());
    }

    [Test]
    public void Types_that_contain_each_other_end()
    {
        var root = Local.Struct("s", 8, ("a", 2, 0), ("b", 2, 0));
        _ = Kernel.Struct("s", 8, ("a", 2, 0), ("b", 2, 0), ("", 2, 0), ("", 2, 0));
        Assert.That(() => _lab.Ask(TypeMatches, root), Throws.TypeOf<InvalidBpfObjectException>().With.Message.Contains("without end"));
    }

    [Test]
    public void An_unknown_kind_is_refused() => Assert.That(
        () => _lab.Ask((CoreRelocationKind)13, _mine), Throws.TypeOf<InvalidBpfObjectException>().With.Message.Contains("the kind 13"));
}
