using Datapath.Linux.Btf;
using Datapath.Linux.Elf;
using static Datapath.Linux.Btf.CoreRelocationKind;

namespace Datapath.Linux.Tests.Btf;

/// <summary>Fields found by their names, wherever the kernel has them.</summary>
public class CoreFieldTests
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
    public void A_field_is_found_where_the_kernel_has_it()
    {
        var root = Local.Struct("task", 8, ("pid", _mine, 0), ("tgid", _mine, 32));
        _ = Kernel.Struct("task", 32, ("tgid", _theirs, 64), ("pid", _theirs, 192));
        Assert.That(_lab.Answer(FieldByteOffset, root, "0:1"), Is.EqualTo(new CoreAnswer("struct task.tgid", 4, 8, 4, 4, true)));
        Assert.That(_lab.Ask(FieldByteOffset, root, "0:0"), Is.EqualTo(24));
        Assert.That(_lab.Ask(FieldByteSize, root, "0:0"), Is.EqualTo(4));
        Assert.That(_lab.Ask(FieldExists, root, "0:0"), Is.EqualTo(1));
        Assert.That(_lab.Ask(FieldLeftShift, root, "0:0"), Is.EqualTo(32));
        Assert.That(_lab.Ask(FieldRightShift, root, "0:0"), Is.EqualTo(32));
    }

    // comm[0] is an access to comm, an array, as wide as an element.
    [Test]
    public void Of_an_array_the_size_of_an_element_counts()
    {
        var root = Local.Struct("task", 8, ("comm", Local.Array(Local.Array(_mine, 2), 1), 0));
        _ = Kernel.Struct("task", 72, ("comm", Kernel.Typedef("name", Kernel.Array(Kernel.Typedef("letter", Kernel.Array(_theirs, 2)), 8)), 64));
        Assert.That(_lab.Answer(FieldByteOffset, root, "0:0"), Is.EqualTo(new CoreAnswer("struct task.comm", 0, 8, 4, 4, true)));
        Assert.That(_lab.Ask(FieldByteSize, root, "0:0"), Is.EqualTo(64));
    }

    [Test]
    public void A_missing_field_or_struct_has_no_value_and_does_not_exist()
    {
        var root = Local.Struct("task", 8, ("pid", _mine, 0), ("gone", _mine, 32));
        var missing = Local.Struct("gone", 8, ("pid", _mine, 0));
        _ = Kernel.Struct("task", 32, ("pid", _theirs, 192));
        _ = Kernel.Union("gone", 8, ("pid", _theirs));
        foreach (var kind in new[] { FieldByteOffset, FieldByteSize, FieldSigned, FieldLeftShift, FieldRightShift })
        {
            Assert.That(_lab.Ask(kind, root, "0:1"), Is.Null, $"{kind}");
            Assert.That(_lab.Ask(kind, missing, "0:0"), Is.Null, $"{kind}, and a union is no struct");
        }

        Assert.That(_lab.Ask(FieldExists, root, "0:1"), Is.Zero);
        Assert.That(_lab.Ask(FieldExists, missing, "0:0"), Is.Zero);
    }

    [Test]
    public void A_flavour_of_a_struct_is_the_struct()
    {
        var root = Local.Struct("task___old", 8, ("pid", _mine, 0));
        _ = Kernel.Struct("task", 32, ("pid", _theirs, 64));
        Assert.That(_lab.Ask(FieldByteOffset, root, "0:0"), Is.EqualTo(8));
    }

    [Test]
    public void A_typedef_finds_the_typedef_of_the_kernel()
    {
        var root = Local.Typedef("sk_t", Local.Const(Local.Struct("", 8, ("port", _mine, 0))));
        _ = Kernel.Typedef("sk_t", Kernel.Struct("", 16, ("port", _theirs, 96)));
        Assert.That(_lab.Ask(FieldByteOffset, root, "0:0"), Is.EqualTo(12));
    }

    [Test]
    public void Anonymous_structs_and_unions_do_not_count_on_either_side()
    {
        var root = Local.Struct("sock", 8, ("", Local.Union("", 4, ("port", _mine)), 0), ("flat", _mine, 32));
        var inner = Kernel.Struct("", 8, ("pad", _theirs, 0), ("flat", _theirs, 32));
        _ = Kernel.Struct("sock", 32, ("first", _theirs, 0), ("", Kernel.Union("", 8, ("", inner)), 64), ("port", _theirs, 128));
        Assert.That(_lab.Ask(FieldByteOffset, root, "0:0:0"), Is.EqualTo(16), "flat in the kernel, nested here");
        Assert.That(_lab.Ask(FieldByteOffset, root, "0:1"), Is.EqualTo(12), "nested in the kernel, flat here");
    }

    [Test]
    public void A_way_leads_through_named_structs_and_arrays()
    {
        var item = Local.Struct("item", 8, ("a", _mine, 0), ("b", _mine, 32));
        var root = Local.Struct("list", 68, ("items", Local.Array(item, 8), 0));
        var theirItem = Kernel.Struct("item", 16, ("b", _theirs, 96));
        _ = Kernel.Struct("list", 72, ("items", Kernel.Typedef("items_t", Kernel.Array(theirItem, 4)), 64));
        Assert.That(_lab.Answer(FieldByteOffset, root, "0:0:3:1"), Is.EqualTo(new CoreAnswer("struct list.items[3].b", 28, 68, 4, 4, true)));
        Assert.That(_lab.Ask(FieldByteOffset, root, "0:0:5:1"), Is.Null, "the kernel's array is shorter");
        Assert.That(_lab.Ask(FieldByteOffset, root, "2:0:0:1"), Is.EqualTo((2 * 72) + 8 + 12), "the root is an element, too");
        Assert.That(_lab.Ask(FieldByteSize, root, "0:0"), Is.EqualTo(64));
        Assert.That(() => _lab.Ask(FieldByteOffset, root, "0:0:8:1"), Throws.TypeOf<InvalidBpfObjectException>().With.Message.Contains("leaves an array"));
    }

    [Test]
    public void An_array_without_length_at_the_end_of_a_struct_has_every_element()
    {
        var root = Local.Struct("tail", 4, ("n", _mine, 0), ("data", Local.Array(_mine, 0), 32));
        _ = Kernel.Struct("tail", 8, ("n", _theirs, 0), ("data", Kernel.Array(_theirs, 0), 64));
        Assert.That(_lab.Ask(FieldByteOffset, root, "0:1:100"), Is.EqualTo(408));
    }

    [Test]
    public void An_array_without_length_inside_a_struct_has_none()
    {
        var root = Local.Struct("tail", 4, ("data", Local.Array(_mine, 9), 32));
        _ = Kernel.Struct("tail", 8, ("data", Kernel.Array(_theirs, 0), 0), ("n", _theirs, 0));
        Assert.That(_lab.Ask(FieldByteOffset, root, "0:0:1"), Is.Null);
    }

    [Test]
    public void Fields_of_incompatible_types_are_different_fields()
    {
        var root = Local.Struct(
            "s",
            64,
            ("number", _mine, 0),
            ("pointer", Local.Pointer(_mine), 64),
            ("array", Local.Array(_mine, 2), 128),
            ("enum", Local.Enum("mode", ("A", 0)), 192),
            ("anonymous", Local.Enum("", ("A", 0)), 256),
            ("struct", Local.Struct("x", 4), 320));
        _ = Kernel.Struct(
            "s",
            64,
            ("number", Kernel.Pointer(_theirs), 0),
            ("pointer", Kernel.Pointer(0), 64),
            ("array", Kernel.Array(Kernel.Pointer(_theirs), 2), 128),
            ("enum", Kernel.Enum64("other", ("A", 0)), 192),
            ("anonymous", Kernel.Enum64("named", ("A", 0)), 256),
            ("struct", Kernel.Union("y", 4), 320));
        Assert.That(
            Enumerable.Range(0, 6).Select(i => _lab.Ask(FieldExists, root, $"0:{i}")),
            Is.EqualTo(new ulong?[] { 0, 1, 0, 0, 1, 1 }),
            "number, pointer, array, enum, anonymous, struct");
    }

    [Test]
    public void Bit_fields_are_cut_out_of_the_word_that_holds_them()
    {
        var root = Local.BitFields("b", 4, ("x", _mine, 0, 3));
        _ = Kernel.BitFields("b", 12, ("first", _theirs, 0, 32), ("x", _theirs, 37, 5));
        Assert.That(_lab.Ask(FieldByteOffset, root, "0:0"), Is.EqualTo(4));
        Assert.That(_lab.Ask(FieldByteSize, root, "0:0"), Is.EqualTo(4));
        Assert.That(_lab.Ask(FieldLeftShift, root, "0:0"), Is.EqualTo(64 - (5 + 5)));
        Assert.That(_lab.Ask(FieldRightShift, root, "0:0"), Is.EqualTo(64 - 5));
        Assert.That(_lab.Answer(FieldByteOffset, root, "0:0").Local, Is.Null, "what the compiler chose is no matter");
    }

    [Test]
    public void A_bit_field_across_two_words_is_in_a_larger_one()
    {
        var root = Local.BitFields("b", 4, ("x", _mine, 0, 3));
        _ = Kernel.BitFields("b", 8, ("x", _theirs, 30, 5));
        Assert.That(_lab.Ask(FieldByteOffset, root, "0:0"), Is.Zero);
        Assert.That(_lab.Ask(FieldByteSize, root, "0:0"), Is.EqualTo(8));
        Assert.That(_lab.Ask(FieldLeftShift, root, "0:0"), Is.EqualTo(64 - 35));
    }

    [Test]
    public void The_sign_is_that_of_the_kernel()
    {
        var root = Local.Struct("s", 8, ("a", _mine, 0), ("b", Local.SignedInt("int", 4), 32));
        _ = Kernel.Struct("s", 8, ("a", Kernel.SignedInt("int", 4), 0), ("b", _theirs, 32));
        Assert.That(_lab.Ask(FieldSigned, root, "0:0"), Is.EqualTo(1));
        Assert.That(_lab.Ask(FieldSigned, root, "0:1"), Is.Zero);
    }

    [Test]
    public void Several_types_of_one_name_must_agree()
    {
        var root = Local.Struct("s", 8, ("same", _mine, 0), ("moved", _mine, 32), ("once", _mine, 64));
        _ = Kernel.Struct("s", 8, ("same", _theirs, 32), ("moved", _theirs, 64));
        _ = Kernel.Struct("s", 8, ("same", _theirs, 32), ("moved", _theirs, 96), ("once", _theirs, 128));
        Assert.That(_lab.Ask(FieldByteOffset, root, "0:0"), Is.EqualTo(4));
        Assert.That(_lab.Ask(FieldByteOffset, root, "0:2"), Is.EqualTo(16), "the one without the field is not meant");
        Assert.That(
            () => _lab.Ask(FieldByteOffset, root, "0:1"),
            Throws.TypeOf<InvalidBpfObjectException>().With.Message.Contains("several types for struct s.moved, which differ (8 and 12)"));
    }

    [TestCase("")]
    [TestCase("0:")]
    [TestCase("0:-1")]
    [TestCase("0:9")]
    [TestCase("0:0:0")]
    [TestCase("0:4294967296")]
    public void An_access_that_leaves_the_types_is_refused(string access)
    {
        var root = Local.Struct("s", 8, ("a", _mine, 0));
        Assert.That(() => _lab.Ask(FieldByteOffset, root, access), Throws.TypeOf<InvalidBpfObjectException>());
    }
}
