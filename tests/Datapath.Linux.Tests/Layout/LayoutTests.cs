using Datapath.BpfObjects;
using Datapath.BpfObjects.Layout;
using Datapath.Linux.Bpf;
using Datapath.Linux.Btf;
using Datapath.Linux.Elf;
using Datapath.Linux.Tests.Btf;

namespace Datapath.Linux.Tests.Layout;

/// <summary>The C# layouts against those of the compiled objects: a field that only one side has, or has elsewhere, fails here.</summary>
public class LayoutTests
{
    /// <summary>What the programs alone keep; user space never reads it.</summary>
    private static readonly string[] s_unmirrored =
    [
        "dp_peer4", "dp_peer6", "dp_place4", "dp_place6", "dp_ring4", "dp_ring6", "dp_fragment_key4", "dp_fragment_key6", "dp_fragment",
        "dp_packet4", "dp_packet6", "dp_packet_facts", "dp_scratch4", "dp_scratch6", "dp_search4", "dp_search6",
        "dp_held", "dp_held_ring", "dp_waiting",
    ];

    /// <summary>What goes through a ring, which does not say of what type its records are.</summary>
    private static readonly string[] s_records = ["dp_event", "dp_led", "dp_nat_event"];

    /// <summary>Maps that only the programs use.</summary>
    private static readonly string[] s_unnamed = ["dp_peer4", "dp_peer6", "dp_places4", "dp_places6", "dp_ring4", "dp_ring6"];

    /// <summary>Numbers of the programs alone.</summary>
    private static readonly string[] s_unmirroredEnums = ["dp_places", "dp_ring", "dp_frontend_type"];

    /// <summary>What C puts before each name of an enum, because it has one space of names for all.</summary>
    private static readonly Dictionary<string, string> s_prefixes = new()
    {
        ["dp_client_limits"] = "DP_CLIENT_",
        ["dp_counter"] = "DP_",
        ["dp_flow_direction"] = "DP_FLOW_",
        ["dp_flow_seen"] = "DP_SEEN_",
        ["dp_header_flags"] = "DP_HEADER_",
        ["dp_nat_counter"] = "DP_NAT_",
        ["dp_nat_end"] = "DP_NAT_END_",
        ["dp_nat_event_kind"] = "DP_NAT_EVENT_",
        ["dp_nat_layout"] = "DP_NAT_LAYOUT_",
        ["dp_nat_limits"] = "DP_NAT_",
        ["dp_nat_listening"] = "DP_NAT_",
        ["dp_range_limits"] = "DP_RANGE_",
        ["dp_reason"] = "DP_REASON_",
        ["dp_state_flags"] = "DP_STATE_",
        ["dp_sweep_scope"] = "DP_SWEEP_",
        ["dp_verdict_kind"] = "DP_",
        ["dp_range_bits"] = "DP_RANGE_",
        ["dp_layout"] = "DP_LAYOUT_",
    };

    private static readonly BtfFile s_btf = TypesOf(SocketLbObject.Read());

    private static readonly BtfFile s_staleBtf = TypesOf(StaleSocketsObject.Read());

    private static readonly BtfFile s_natBtf = TypesOf(MasqueradeObject.Read());

    private static readonly BtfFile s_sweepBtf = TypesOf(FlowSweepObject.Read());

    private static IEnumerable<string> Structs => MirrorType.All.Where(static m => !m.Value.IsEnum).Select(static m => m.Key).Order();

    private static IEnumerable<string> Enums => MirrorType.All.Where(static m => m.Value.IsEnum).Select(static m => m.Key).Order();

    [TestCaseSource(nameof(Structs))]
    public void A_struct_has_the_fields_of_its_C_type(string name)
    {
        var mirror = MirrorType.All[name];
        var btf = new[] { s_btf, s_staleBtf, s_natBtf, s_sweepBtf }.FirstOrDefault(btf => btf.Find(BtfKind.Struct, name) is not null);
        Assert.That(btf, Is.Not.Null, $"no object has a struct {name}");
        var type = btf!.Find(BtfKind.Struct, name);
        Assert.That(MirrorType.FieldsOf(mirror), Is.EqualTo(CType.FieldsOf(btf, type!)));
        Assert.That(MirrorType.SizeOf(mirror), Is.EqualTo(type!.Size));
    }

    [TestCaseSource(nameof(Structs))]
    public void A_struct_has_no_hidden_padding(string name) =>
        Assert.That(MirrorType.FieldsOf(MirrorType.All[name]).Sum(static f => f.Size), Is.EqualTo(MirrorType.SizeOf(MirrorType.All[name])));

    [TestCaseSource(nameof(Enums))]
    public void An_enum_has_the_values_of_its_C_type(string name)
    {
        var expected = CEnum.All[name].ToDictionary(v => CType.Pascal(WithoutPrefix(name, v.Key)), static v => v.Value);
        if (name is "dp_counter" or "dp_nat_counter")
            Assert.That(expected.Remove("Counters", out var count) ? count : -1, Is.EqualTo(expected.Count), "the last name is the number of counters");
        var mirror = MirrorType.All[name];
        Assert.That(Enum.GetNames(mirror).ToDictionary(static n => n, n => Convert.ToInt64(Enum.Parse(mirror, n), null)), Is.EquivalentTo(expected));
    }

    [Test]
    public void Every_struct_of_the_maps_has_a_mirror()
    {
        var used = StructsOf(BpfObjectSpec.Parse(SocketLbObject.Read()), s_btf).Union(StructsOf(BpfObjectSpec.Parse(StaleSocketsObject.Read()), s_staleBtf))
            .Union(StructsOf(BpfObjectSpec.Parse(MasqueradeObject.Read()), s_natBtf)).Union(StructsOf(BpfObjectSpec.Parse(FlowSweepObject.Read()), s_sweepBtf));
        Assert.That(used, Is.EquivalentTo(Structs.Except(s_records).Concat(s_unmirrored)));
    }

    [Test]
    public void Every_shared_enum_has_a_mirror() => Assert.That(CEnum.All.Keys, Is.EquivalentTo(Enums.Concat(s_unmirroredEnums)));

    [Test]
    public void Every_name_of_a_map_is_one_of_the_object()
    {
        var spec = BpfObjectSpec.Parse(SocketLbObject.Read());
        string[] named =
        [
            SocketLbObject.Frontends4, SocketLbObject.Frontends6, SocketLbObject.Slots4, SocketLbObject.Slots6, SocketLbObject.Counters, SocketLbObject.State,
            SocketLbObject.Clients, SocketLbObject.Sets, SocketLbObject.Exemptions, SocketLbObject.Affinity, SocketLbObject.Ranges4, SocketLbObject.Ranges6,
            SocketLbObject.Events, SocketLbObject.Trace, SocketLbObject.Failed,
        ];
        Assert.That(spec.Maps.Keys, Is.EquivalentTo(named.Concat(s_unnamed)));
        var stale = BpfObjectSpec.Parse(StaleSocketsObject.Read());
        Assert.That(stale.Maps.Keys, Is.EquivalentTo(StaleSocketsObject.SharedMaps.Append(StaleSocketsObject.Retired4).Append(StaleSocketsObject.Retired6).Append(StaleSocketsObject.Walked)));
        Assert.That(stale.Programs.Keys, Is.EquivalentTo(new[] { StaleSocketsObject.Tcp, StaleSocketsObject.Udp, StaleSocketsObject.LedTcp, StaleSocketsObject.LedUdp }));
    }

    [Test]
    public void Every_name_of_egress_NAT_is_one_of_its_objects()
    {
        var spec = BpfObjectSpec.Parse(MasqueradeObject.Read());
        Assert.That(spec.Maps.Keys, Is.EquivalentTo(new[]
        {
            MasqueradeObject.State, MasqueradeObject.Devices, MasqueradeObject.Interfaces, MasqueradeObject.Table, MasqueradeObject.Choices, MasqueradeObject.Ports,
            MasqueradeObject.Sources4, MasqueradeObject.Sources6, MasqueradeObject.Destinations4, MasqueradeObject.Destinations6, MasqueradeObject.Flows4,
            MasqueradeObject.Flows6, MasqueradeObject.Counters, MasqueradeObject.WatchRing, MasqueradeObject.LogRing, MasqueradeObject.Listeners, MasqueradeObject.Untold,
            MasqueradeObject.Paces, "dp_fragments4", "dp_fragments6", "dp_nat_addresses4", "dp_nat_addresses6", MasqueradeObject.Kept4, MasqueradeObject.Kept6,
        }.Concat(MasqueradeObject.Scratch)));
        Assert.That(spec.Programs.Keys, Is.EquivalentTo(new[] { MasqueradeObject.Egress, MasqueradeObject.Ingress, MasqueradeObject.SweepHeld }));
        Assert.That(spec.DataSections[MasqueradeObject.Knobs].Variables, Is.EquivalentTo(new[] { MasqueradeObject.KnowsIPv6Sums, MasqueradeObject.Others, MasqueradeObject.IsIndependent }));
        var sweep = BpfObjectSpec.Parse(FlowSweepObject.Read());
        Assert.That(sweep.Programs.Keys, Is.EquivalentTo(new[] { FlowSweepObject.Sweep4, FlowSweepObject.Sweep6 }));
        Assert.That(sweep.DataSections[FlowSweepObject.Knobs].Variables, Is.EquivalentTo(new[]
        {
            FlowSweepObject.TcpOpening, FlowSweepObject.TcpEstablished, FlowSweepObject.TcpHalfClosed, FlowSweepObject.TcpClosing, FlowSweepObject.OneWay, FlowSweepObject.TwoWay, FlowSweepObject.Icmp,
        }));
        Assert.That(sweep.Maps.Keys, Is.EquivalentTo(FlowSweepObject.SharedMaps.Append(FlowSweepObject.Order)));
        foreach (var name in FlowSweepObject.SharedMaps)
        {
            var (made, used) = (spec.Maps[name], sweep.Maps[name]);
            Assert.That((used.Type, used.KeySize, used.ValueSize, used.MaxEntries, used.Flags), Is.EqualTo((made.Type, made.KeySize, made.ValueSize, made.MaxEntries, made.Flags)));
        }
    }

    [Test]
    public void Maps_that_both_objects_have_are_the_same_in_both()
    {
        var (spec, stale) = (BpfObjectSpec.Parse(SocketLbObject.Read()), BpfObjectSpec.Parse(StaleSocketsObject.Read()));
        foreach (var name in StaleSocketsObject.SharedMaps)
        {
            var (made, used) = (spec.Maps[name], stale.Maps[name]);
            Assert.That((used.Type, used.KeySize, used.ValueSize, used.MaxEntries, used.Flags), Is.EqualTo((made.Type, made.KeySize, made.ValueSize, made.MaxEntries, made.Flags)));
            var type = s_staleBtf.Resolve(used.ValueTypeId);
            Assert.That(CType.FieldsOf(s_staleBtf, type), Is.EqualTo(CType.FieldsOf(s_btf, s_btf.Resolve(made.ValueTypeId))));
        }
    }

    [Test]
    public void The_object_of_the_fallback_has_the_shared_maps_as_they_are_made()
    {
        var (spec, fallback) = (BpfObjectSpec.Parse(SocketLbObject.Read()), BpfObjectSpec.Parse(ConnectFallbackObject.Read()));
        Assert.That(fallback.Maps.Keys, Is.EquivalentTo(ConnectFallbackObject.SharedMaps));
        Assert.That(fallback.Programs.Keys, Is.EqualTo(new[] { ConnectFallbackObject.Watch }));
        Assert.That(fallback.DataSections, Is.Empty);
        foreach (var (name, used) in fallback.Maps)
        {
            var made = spec.Maps[name];
            Assert.That((used.Type, used.KeySize, used.ValueSize, used.MaxEntries, used.Flags), Is.EqualTo((made.Type, made.KeySize, made.ValueSize, made.MaxEntries, made.Flags)));
        }
    }

    [Test]
    public void Every_name_of_a_knob_is_a_variable_of_the_object_with_the_size_that_is_set()
    {
        var spec = BpfObjectSpec.Parse(SocketLbObject.Read());
        Assert.That(spec.DataSections.Keys, Is.EqualTo(new[] { SocketLbObject.Knobs }));
        Assert.That(spec.DataSections[SocketLbObject.Knobs].Variables, Is.EquivalentTo(new[]
        {
            SocketLbObject.IsWeaklyOrdered, SocketLbObject.NoBackendErrno, SocketLbObject.HostNetns, SocketLbObject.ServesHostOnly, SocketLbObject.AffinityByCgroup,
            SocketLbObject.FailedFor,
        }));
        Assert.That(() => spec.DataSections[SocketLbObject.Knobs].Set(SocketLbObject.HostNetns, 1UL), Throws.Nothing);
        Assert.That(() => spec.DataSections[SocketLbObject.Knobs].Set(SocketLbObject.ServesHostOnly, (byte)1), Throws.Nothing);
        Assert.That(() => spec.DataSections[SocketLbObject.Knobs].Set(SocketLbObject.AffinityByCgroup, (byte)1), Throws.Nothing);
        Assert.That(() => spec.DataSections[SocketLbObject.Knobs].Set(SocketLbObject.FailedFor, 1UL), Throws.Nothing);
        Assert.That(() => spec.DataSections[SocketLbObject.Knobs].Set(SocketLbObject.NoBackendErrno, 1), Throws.Nothing);
        Assert.That(() => spec.DataSections[SocketLbObject.Knobs].Set(SocketLbObject.IsWeaklyOrdered, (byte)1), Throws.Nothing);
        var stale = BpfObjectSpec.Parse(StaleSocketsObject.Read());
        Assert.That(stale.DataSections.Keys, Is.EqualTo(new[] { StaleSocketsObject.Knobs }));
        Assert.That(stale.DataSections[StaleSocketsObject.Knobs].Variables, Is.EquivalentTo(new[] { StaleSocketsObject.IsOnlyListed, StaleSocketsObject.IsWeaklyOrdered }));
        Assert.That(() => stale.DataSections[StaleSocketsObject.Knobs].Set(StaleSocketsObject.IsWeaklyOrdered, (byte)1), Throws.Nothing);
        Assert.That(() => stale.DataSections[StaleSocketsObject.Knobs].Set(StaleSocketsObject.IsOnlyListed, (byte)1), Throws.Nothing);
    }

    [Test]
    public void Maps_hold_the_types_that_their_names_promise()
    {
        var spec = BpfObjectSpec.Parse(SocketLbObject.Read());
        AssertHolds<FrontendKey4, FrontendValue>(spec, SocketLbObject.Frontends4);
        AssertHolds<FrontendKey6, FrontendValue>(spec, SocketLbObject.Frontends6);
        AssertHolds<uint, Slot4>(spec, SocketLbObject.Slots4);
        AssertHolds<uint, Slot6>(spec, SocketLbObject.Slots6);
        AssertHolds<uint, ManagerState>(spec, SocketLbObject.State);
        AssertHolds<ClientKey, FrontendValue>(spec, SocketLbObject.Clients);
        AssertHolds<SetKey, FrontendValue>(spec, SocketLbObject.Sets);
        AssertHolds<ulong, uint>(spec, SocketLbObject.Exemptions);
        AssertHolds<AffinityKey, AffinityValue>(spec, SocketLbObject.Affinity);
        AssertHolds<RangeKey4, RangeValue>(spec, SocketLbObject.Ranges4);
        AssertHolds<RangeKey6, RangeValue>(spec, SocketLbObject.Ranges6);
        AssertHolds<uint, TraceFilter>(spec, SocketLbObject.Trace);
        AssertHolds<uint, ulong>(spec, SocketLbObject.Counters);
        Assert.That(spec.Maps[SocketLbObject.Counters].MaxEntries, Is.EqualTo(Enum.GetValues<Counter>().Length));
    }

    [Test]
    public void A_field_that_only_C_has_is_seen()
    {
        var builder = new BtfBuilder();
        var word = builder.Int("__u32", 4);
        string[] fields = ["layout_version", "owner_pid", "next_frontend_id", "next_backend_id", "frontend_writes", "flags", "added"];
        var state = builder.Struct("dp_state", 28, [.. fields.Select((name, i) => (name, word, (uint)i * 32))]);
        var btf = BtfFile.Parse(builder.Build());
        Assert.That(CType.FieldsOf(btf, btf[state]), Is.Not.EqualTo(MirrorType.FieldsOf(typeof(ManagerState))));
        Assert.That(CType.FieldsOf(btf, btf[state]).SkipLast(1), Is.EqualTo(MirrorType.FieldsOf(typeof(ManagerState))));
    }

    private static void AssertHolds<TKey, TValue>(BpfObjectSpec spec, string map)
    {
        Assert.That(NameOf(spec.Maps[map].KeyTypeId), Is.EqualTo(NameOf(typeof(TKey))));
        Assert.That(NameOf(spec.Maps[map].ValueTypeId), Is.EqualTo(NameOf(typeof(TValue))));
    }

    private static string NameOf(uint id) => s_btf.Resolve(id) is { Kind: BtfKind.Struct } type ? type.Name : $"{s_btf.SizeOf(id)} bytes";

    private static string NameOf(Type type) => MirrorType.All.FirstOrDefault(m => m.Value == type).Key ?? $"{MirrorType.SizeOf(type)} bytes";

    private static BtfFile TypesOf(byte[] file) => BtfFile.Parse(ElfFile.Parse(file).FindSection(".BTF")!.Data);

    private static IEnumerable<string> StructsOf(BpfObjectSpec spec, BtfFile btf) =>
        spec.Maps.Values.SelectMany(static map => new[] { map.KeyTypeId, map.ValueTypeId }).SelectMany(id => StructsOf(btf, id)).Distinct();

    private static IEnumerable<string> StructsOf(BtfFile btf, uint id)
    {
        if (id == 0)
            return []; // a ring has neither key nor value
        var type = btf.Resolve(id);
        if (type.Kind is BtfKind.Array)
            return StructsOf(btf, type.Target);
        return type.Kind is BtfKind.Struct ? type.Members.SelectMany(m => StructsOf(btf, m.Type)).Prepend(type.Name) : [];
    }

    private static string WithoutPrefix(string name, string value) =>
        value.StartsWith(s_prefixes[name], StringComparison.Ordinal) ? value[s_prefixes[name].Length..] : throw new FormatException($"{value} of {name}");
}
