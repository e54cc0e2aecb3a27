using Datapath.Linux.Bpf;
using Datapath.Linux.Btf;
using Datapath.Linux.Elf;
using Datapath.Linux.Tests.Btf;
using Datapath.Linux.Tests.Elf;

namespace Datapath.Linux.Tests.Bpf;

/// <summary>What definitions of maps say beside kind and sizes.</summary>
public class MapDefinitionTests
{
    [Test]
    public void Pinning_memory_and_extra_are_read()
    {
        var counts = Parse(static (btf, number) => [(
            "counts", [("type", number(1)), ("pinning", number(1)), ("numa_node", number(3)), ("map_extra", number(9)), ("max_entries", number(4))], 0)]).Maps["counts"];
        Assert.That((counts.Pinning, counts.NumaNode, counts.Extra, counts.MaxEntries), Is.EqualTo((MapPinning.ByName, 3U, 9UL, 4U)));
        Assert.That(counts.AllFlags, Is.EqualTo(MapFlags.NumaNode));
    }

    [Test]
    public void A_number_may_be_the_only_value_of_an_enumeration()
    {
        var arena = Parse(static (btf, number) => [(
            "arena", [("type", number(33)), ("max_entries", btf.Enum("", ("__unique_1", 10))), ("map_extra", btf.Enum64("", ("__unique_2", 1L << 44)))], 0)]).Maps["arena"];
        Assert.That((arena.MaxEntries, arena.Extra), Is.EqualTo((10U, 1UL << 44)));
    }

    [Test]
    public void A_number_of_more_bits_than_its_field_is_refused() => Assert.That(
        static () => Parse(static (btf, number) => [("counts", [("type", number(1)), ("max_entries", btf.Enum64("", ("__unique_1", 1L << 32)))], 0)]),
        Throws.TypeOf<InvalidBpfObjectException>().With.Message.EqualTo("map field 'max_entries' is 4294967296, which has more than 32 bits"));

    [Test]
    public void A_number_of_which_an_enumeration_gives_two_is_refused() => Assert.That(
        static () => Parse(static (btf, number) => [("counts", [("type", number(1)), ("max_entries", btf.Enum("", ("a", 1), ("b", 2)))], 0)]),
        Throws.TypeOf<InvalidBpfObjectException>().With.Message.EqualTo(
            "map field 'max_entries' is a Enum, expected int (*max_entries)[number] or enum { name = number } max_entries"));

    [Test]
    public void A_map_of_maps_has_the_likeness_of_its_maps_and_their_names()
    {
        var spec = Parse(Maps, (32 + 8 + 8, "inner", null));
        Assert.That(spec.Maps["outer"].InnerMap, Is.EqualTo(new MapSpec { Name = "outer.inner", Type = MapType.Array, KeySize = 0, ValueSize = 0, MaxEntries = 5 }));
        Assert.That(spec.Maps["outer"].ValueSize, Is.EqualTo(4));
        Assert.That(spec.Maps["outer"].Values, Is.EquivalentTo(new Dictionary<uint, string> { [1] = "inner" }));
    }

    [Test]
    public void A_value_that_is_static_is_found_by_its_place()
    {
        var spec = Parse(Maps, (32 + 8, null, null));
        Assert.That(spec.Maps["outer"].Values, Is.EquivalentTo(new Dictionary<uint, string> { [0] = "inner" }));
    }

    [TestCase(32 + 8 + 4, "map 'outer': the relocation at 44 (type 2) is no pointer of field 'values'")]
    [TestCase(32, "map 'outer': the relocation at 32 (type 2) is no pointer of field 'values'")]
    [TestCase(8, "section '.maps': byte 8 has a relocation, yet belongs to no field 'values' of a map")]
    public void A_value_at_another_place_is_refused(int offset, string message) => Assert.That(
        () => Parse(Maps, ((ulong)offset, "inner", null)),
        Throws.TypeOf<InvalidBpfObjectException>().With.Message.EqualTo(message));

    [Test]
    public void A_value_that_is_nothing_with_a_name_is_refused() => Assert.That(
        static () => Parse(Maps, (32 + 8, null, 1)),
        Throws.TypeOf<InvalidBpfObjectException>().With.Message.EqualTo("map 'outer': value 0 is neither a map nor a program"));

    [Test]
    public void A_value_that_is_no_program_is_refused() => Assert.That(
        static () => Parse(
            static (btf, number) =>
            [
                ("inner", [("type", number(2)), ("max_entries", number(5))], 0),
                ("jumps", [("type", number(3)), ("values", btf.Array(btf.Pointer(btf.Record("", BtfKind.FuncProto, 0, 0)), 0))], 32),
            ],
            (32 + 8, "inner", null)),
        Throws.TypeOf<InvalidBpfObjectException>().With.Message.EqualTo("map 'jumps': value 0 is 'inner', which is no program of the file"));

    [Test]
    public void A_kind_of_map_that_holds_no_maps_is_refused() => Assert.That(
        static () => Parse(static (btf, number) =>
        [
            ("outer", [("type", number((uint)MapType.Hash)), ("values", btf.Array(btf.Pointer(btf.Struct("inner", 8, ("type", number(2), 0))), 0))], 0),
        ]),
        Throws.TypeOf<InvalidBpfObjectException>().With.Message.EqualTo("map 'outer': field 'values' holds a Struct, which a map of type Hash cannot hold"));

    [Test]
    public void Maps_in_a_map_hold_no_maps() => Assert.That(
        static () => Parse(static (btf, number) =>
        {
            var inner = btf.Struct("inner", 16, ("type", number(12), 0), ("values", btf.Array(btf.Pointer(btf.Struct("", 8, ("type", number(2), 0))), 0), 64));
            return [("outer", [("type", number(12)), ("values", btf.Array(btf.Pointer(inner), 0))], 0)];
        }),
        Throws.TypeOf<InvalidBpfObjectException>().With.Message.EqualTo("map 'outer.inner' is what maps in a map are like: it can be neither pinned nor filled"));

    [Test]
    public void A_pinning_that_nobody_knows_is_refused() => Assert.That(
        static () => Parse(static (btf, number) => [("counts", [("type", number(1)), ("pinning", number(2))], 0)]),
        Throws.TypeOf<InvalidBpfObjectException>().With.Message.EqualTo("map 'counts': pinning 2 is not supported; 1 pins by name"));

    [Test]
    public void Another_size_of_a_key_or_value_forgets_its_type()
    {
        var map = new MapSpec { Name = "counts", Type = MapType.Hash, KeySize = 4, ValueSize = 8, MaxEntries = 1 };
        (map.KeyTypeId, map.ValueTypeId) = (5, 6);
        (map.KeySize, map.ValueSize) = (4, 16);
        Assert.That((map.KeyTypeId, map.ValueTypeId), Is.EqualTo((5U, 0U)));
    }

    // inner: 32 bytes at 0; outer: at 32, its values at 8 of it.
    private static (string Name, (string Field, uint Type)[] Fields, ulong Place)[] Maps(BtfBuilder btf, Func<uint, uint> number)
    {
        var inner = btf.Struct("inner", 16, ("type", number(2), 0), ("max_entries", number(5), 64));
        return [("inner", [("type", number(2)), ("max_entries", number(5))], 0), ("outer", [("type", number(12)), ("values", btf.Array(btf.Pointer(inner), 0))], 32)];
    }

    private static BpfObjectSpec Parse(
        Func<BtfBuilder, Func<uint, uint>, (string Name, (string Field, uint Type)[] Fields, ulong Place)[]> define,
        (ulong Offset, string? Target, ushort? Section)? relocation = null)
    {
        var btf = new BtfBuilder();
        var integer = btf.Int("int", 4);
        var maps = define(btf, length => btf.Pointer(btf.Array(integer, length)));
        _ = btf.DataSection(".maps", [.. maps.Select(m => btf.Variable(m.Name, btf.Struct("", (uint)m.Fields.Length * 8, [.. m.Fields.Select(static (f, i) => (f.Field, f.Type, (uint)i * 64))])))]);
        var elf = new ElfBuilder();
        _ = elf.Section(".BTF", btf.Build());
        _ = elf.Section("license", "GPL\0"u8.ToArray());
        var section = elf.Section(".maps", new byte[96]);
        var symbols = maps.ToDictionary(static m => m.Name, m => elf.Symbol(m.Name, ElfSymbolType.Object, section, m.Place, m.Place == 0 ? 32UL : 64));
        if (relocation is { } at)
            elf.Relocation(section, at.Offset, ElfRelocationType.Data64, at.Target is { } target ? symbols[target] : elf.Symbol("", ElfSymbolType.Section, at.Section ?? section, 0, 0));
        return BpfObjectSpec.Parse(elf.Build());
    }
}
