using System.Runtime.InteropServices;
using Datapath.Linux.Btf;
using Datapath.Linux.Elf;
using static Datapath.Linux.Btf.CoreRelocationKind;

namespace Datapath.Linux.Tests.Btf;

/// <summary>Answers written into instructions.</summary>
public class CoreLinkerTests
{
    private const ulong Poison = 0x0bad0000_00000085;

    private CoreLab _lab = null!;
    private uint _root;
    private uint _mode;

    [SetUp]
    public void Start()
    {
        _lab = new();
        var (local, kernel) = (_lab.Local, _lab.Kernel);
        _root = local.Struct(
            "s",
            64,
            ("a", local.Int("unsigned int", 4), 64),
            ("long", local.Int("unsigned long", 8), 128),
            ("signed", local.SignedInt("long", 8), 192),
            ("gone", local.Int("unsigned int", 4), 256),
            ("far", local.Int("unsigned int", 4), 288));
        _mode = local.Enum("mode", ("A", 3), ("NEGATIVE", 4), ("LARGE", 5));
        _ = kernel.Struct(
            "s",
            100_000,
            ("a", kernel.Int("unsigned int", 4), 160),
            ("long", kernel.Int("unsigned int", 4), 320),
            ("signed", kernel.SignedInt("int", 4), 384),
            ("far", kernel.Int("unsigned int", 4), 400_000));
        _ = kernel.Enum64("mode", ("A", 0x1_0000_0007), ("NEGATIVE", -2), ("LARGE", 0xffff_fffe));
    }

    [TestCase(0x00000000_00082161UL, ExpectedResult = 0x00000000_00142161UL, Description = "r1 = *(u32 *)(r2 + 8)")]
    [TestCase(0x00000000_00082163UL, ExpectedResult = 0x00000000_00142163UL, Description = "*(u32 *)(r1 + 8) = r2")]
    [TestCase(0x00000005_00080162UL, ExpectedResult = 0x00000005_00140162UL, Description = "*(u32 *)(r1 + 8) = 5")]
    [TestCase(0x00000000_000821c3UL, ExpectedResult = 0x00000000_001421c3UL, Description = "atomic add")]
    [TestCase(0x00000008_000001b7UL, ExpectedResult = 0x00000014_000001b7UL, Description = "r1 = 8")]
    [TestCase(0x00000008_00000107UL, ExpectedResult = 0x00000014_00000107UL, Description = "r1 += 8")]
    [TestCase(0x00000008_000001b4UL, ExpectedResult = 0x00000014_000001b4UL, Description = "w1 = 8")]
    public ulong The_place_of_a_field_is_written(ulong instruction) => Link([instruction], new(0, _root, "0:0", FieldByteOffset))[0];

    [TestCase(0x00000000_00102179UL, ExpectedResult = 0x00000000_00282161UL, Description = "r1 = *(u64 *)(r2 + 16)")]
    [TestCase(0x00000000_0010217bUL, ExpectedResult = 0x00000000_00282163UL, Description = "*(u64 *)(r1 + 16) = r2")]
    [TestCase(0x00000000_001021dbUL, ExpectedResult = Poison, Description = "atomic add of 64 bits")]
    [TestCase(0x00000000_00102161UL, ExpectedResult = Poison, Description = "half of the field")]
    public ulong A_load_takes_the_size_of_the_kernel(ulong instruction) => Link([instruction], new(0, _root, "0:1", FieldByteOffset))[0];

    [Test]
    public void A_load_of_a_number_with_sign_does_not_change_its_size()
    {
        Assert.That(Link([0x00000000_00182179], new(0, _root, "0:2", FieldByteOffset), out var poisons)[0], Is.EqualTo(Poison));
        Assert.That(poisons[0].Reason, Is.EqualTo("struct s.signed has 4 bytes instead of 8 on this kernel"));
    }

    [Test]
    public void A_load_that_reaches_too_far_is_refused()
    {
        _ = Link([0x00000000_00242161], new(0, _root, "0:4", FieldByteOffset), out var poisons);
        Assert.That(poisons[0].Reason, Is.EqualTo("struct s.far is at 50000, which is too far for the instruction on this kernel"));
    }

    [Test]
    public void A_wide_load_takes_64_bits() => Assert.That(
        Link([0x00000003_00000118, 0], new(0, _mode, "0", EnumValue)), Is.EqualTo(new[] { 0x00000007_00000118UL, 0x00000001_00000000UL }));

    [Test]
    public void A_value_too_large_for_a_short_load_is_refused() => Assert.That(
        Link([0x00000003_000001b7], new(0, _mode, "0", EnumValue)), Is.EqualTo(new[] { Poison }));

    [TestCase(0x00000004_000001b7UL, 1, ExpectedResult = 0xfffffffe_000001b7UL, Description = "r1 = -2")]
    [TestCase(0x00000005_000001b4UL, 2, ExpectedResult = 0xfffffffe_000001b4UL, Description = "w1 = 0xfffffffe")]
    [TestCase(0x00000005_000001b7UL, 2, ExpectedResult = Poison, Description = "r1 = 0xfffffffe would become negative")]
    public ulong An_immediate_is_extended_by_its_sign(ulong instruction, int value) => Link([instruction], new(0, _mode, $"{value}", EnumValue))[0];

    [Test]
    public void Each_instruction_without_an_answer_gets_a_number_of_its_own()
    {
        ulong[] code = [0x00000020_000001b7, 0x00000020_00000118, 0, 0x95];
        CoreRelocation[] relocations = [new(0, _root, "0:3", FieldByteOffset), new(8, _root, "0:3", FieldByteOffset)];
        var poisons = CoreLinker.Apply(
            MemoryMarshal.AsBytes(code.AsSpan()), relocations, new(BtfIndex.Parse(_lab.Local.Build()), BtfIndex.Parse(_lab.Kernel.Build())));
        Assert.That(code, Is.EqualTo(new[] { Poison, 0x0bad0001_00000085UL, 0x0bad0001_00000085UL, 0x95UL }));
        Assert.That(poisons.Select(static p => p.Reason), Is.All.EqualTo("struct s.gone does not exist on this kernel"));
        Assert.That(CoreLinker.Explain(poisons, ["0: (85) call unknown#195887105", "invalid func unknown#195887105", "processed 1 insns"]), Is.Not.Null);
        Assert.That(CoreLinker.Explain(poisons, ["invalid func unknown#195887106", "R0 !read_ok"]), Is.Null);
    }

    [TestCase(0x00000000_00092161UL, Description = "another offset than the compiler's")]
    [TestCase(0x00000009_000001b7UL, Description = "another value than the compiler's")]
    [TestCase(0x00000000_000021bfUL, Description = "r1 = r2")]
    [TestCase(0x00000000_00000095UL, Description = "exit")]
    [TestCase(0x00000008_00000118UL, Description = "a wide load without its second half")]
    public void An_instruction_that_the_relocation_is_not_for_is_refused(ulong instruction) => Assert.That(
        () => Link([instruction], new(0, _root, "0:0", FieldByteOffset)), Throws.TypeOf<InvalidBpfObjectException>());

    [TestCase(-8)]
    [TestCase(4)]
    [TestCase(8)]
    [TestCase(int.MaxValue)]
    public void A_relocation_outside_of_the_program_is_refused(int offset) => Assert.That(
        () => Link([0x00000008_000001b7], new(offset, _root, "0:0", FieldByteOffset)), Throws.TypeOf<InvalidBpfObjectException>());

    private ulong[] Link(ulong[] code, CoreRelocation relocation) => Link(code, relocation, out _);

    private ulong[] Link(ulong[] code, CoreRelocation relocation, out System.Collections.Immutable.ImmutableArray<CorePoison> poisons)
    {
        poisons = CoreLinker.Apply(
            MemoryMarshal.AsBytes(code.AsSpan()), [relocation], new(BtfIndex.Parse(_lab.Local.Build()), BtfIndex.Parse(_lab.Kernel.Build())));
        return code;
    }
}
