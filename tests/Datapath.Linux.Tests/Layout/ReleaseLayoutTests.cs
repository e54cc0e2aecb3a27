using Datapath.BpfObjects;
using Datapath.Linux.Bpf;
using Datapath.Linux.Btf;
using Datapath.Linux.Masquerade;
using Datapath.Linux.Services;

namespace Datapath.Linux.Tests.Layout;

/// <summary>
/// What releases pinned is taken over as it lies there, as long as the version of the layout is the same: then maps and numbers must be the same too. Whoever changes them is told here
/// what else that takes.
/// </summary>
public class ReleaseLayoutTests
{
    /// <summary>Numbers that count what may be appended.</summary>
    private static readonly string[] s_counts = ["DP_COUNTERS", "DP_NAT_COUNTERS"];

    private static readonly PinnedLayout s_services = new(ServiceMaps.Resizable.Keys, []);
    private static readonly PinnedLayout s_masquerade = new(MasqueradeMaps.Resizable.Keys, MasqueradeObject.Scratch);

    private static IEnumerable<string> All => Releases.All;

    [Test]
    public void There_is_a_release() => Assert.That(Releases.All, Does.Contain("0.1.0"));

    [TestCaseSource(nameof(All))]
    public void Maps_of_services_are_those_of_the_release_or_the_layout_is_a_later_one(string release) => AssertSame(
        release, "dp_layout", "LayoutVersion (bpf/dp/layout.h, Layout/ManagerState.cs)", nameof(StateMap),
        s_services.Differences(Releases.Read(release, "socket_lb"), BpfObjectSpec.Parse(SocketLbObject.Read())));

    [TestCaseSource(nameof(All))]
    public void Maps_of_egress_NAT_are_those_of_the_release_or_the_layout_is_a_later_one(string release) => AssertSame(
        release, "dp_nat_layout", "NatLayoutVersion (bpf/dp/nat/layout_nat.h, Layout/Nat/NatState.cs)", nameof(NatStateMap),
        s_masquerade.Differences(Releases.Read(release, "masquerade"), BpfObjectSpec.Parse(MasqueradeObject.Read())));

    // A monitor of one version reads the ring that programs of another write.
    [TestCaseSource(nameof(All))]
    public void Records_of_rings_are_those_of_the_release_or_the_layout_is_a_later_one(string release)
    {
        AssertSame(release, "dp_layout", "LayoutVersion", nameof(StateMap), RecordDifferences("dp_event", Releases.Read(release, "socket_lb"), BpfObjectSpec.Parse(SocketLbObject.Read())));
        AssertSame(release, "dp_nat_layout", "NatLayoutVersion", nameof(NatStateMap), RecordDifferences("dp_nat_event", Releases.Read(release, "masquerade"), BpfObjectSpec.Parse(MasqueradeObject.Read())));
    }

    [TestCaseSource(nameof(All))]
    public void Numbers_mean_what_they_mean_in_the_release_or_the_layout_is_a_later_one(string release)
    {
        var differences = NumberDifferences(CEnum.Read(Releases.ReadHeaders(release)), CEnum.All).ToLookup(static d => IsOfMasquerade(d.Enum), static d => d.Text);
        AssertSame(release, "dp_layout", "LayoutVersion", nameof(StateMap), differences[false]);
        AssertSame(release, "dp_nat_layout", "NatLayoutVersion", nameof(NatStateMap), differences[true]);
    }

    /// <summary>By these each version tells another's, so they stay where they are whatever the layout is.</summary>
    [TestCaseSource(nameof(All))]
    public void Version_and_owner_stand_where_all_versions_look_for_them(string release)
    {
        foreach (var spec in new[] { Releases.Read(release, "socket_lb"), BpfObjectSpec.Parse(SocketLbObject.Read()) })
            Assert.That(PinnedLayout.Flatten(spec.Maps[SocketLbObject.State].ValueType), Does.StartWith(".layout_version at 0 4 bytes, .owner_pid at 4 4 bytes, "));
        foreach (var spec in new[] { Releases.Read(release, "masquerade"), BpfObjectSpec.Parse(MasqueradeObject.Read()) })
            Assert.That(PinnedLayout.Flatten(spec.Maps[MasqueradeObject.State].ValueType), Does.StartWith(".layout_version at 0 4 bytes, ").And.Contains(", .owner_pid at 12 4 bytes, "));
    }

    [Test]
    public void A_map_that_is_another_is_found()
    {
        var was = Releases.Read("0.1.0", "socket_lb");
        Assert.That(Change(SocketLbObject.Affinity, static map => map.KeySize += 8).Single(), Does.StartWith("map 'dp_affinity': key 16 bytes: .client at 0 8 bytes").And.Contains(", now key 24 bytes: nothing"));
        Assert.That(Change(SocketLbObject.State, static map => map.ValueSize = 32).Single(), Does.StartWith("map 'dp_state': value 24 bytes: .layout_version at 0 4 bytes").And.EndsWith(", now value 32 bytes: nothing"));
        Assert.That(Change(SocketLbObject.Sets, static map => map.Type = MapType.LruHash), Is.EqualTo(new[] { "map 'dp_sets': type Hash, now type LruHash" }));
        Assert.That(Change(SocketLbObject.Sets, static map => map.Flags = MapFlags.None).Single(), Does.StartWith("map 'dp_sets': flags "));
        Assert.That(Change("dp_places4", static map => map.MaxEntries = 4), Is.EqualTo(new[] { $"map 'dp_places4': {was.Maps["dp_places4"].MaxEntries} entries, now 4 entries" }));
        Assert.That(Change(SocketLbObject.Sets, static map => map.MaxEntries = 4), Is.Empty, "its size may be another");

        // A type of the same size whose fields are others.
        Assert.That(Change(SocketLbObject.Frontends4, map => map.KeyTypeId = was.Maps[SocketLbObject.Exemptions].KeyTypeId).Single(), Does.StartWith("map 'dp_frontends4': key 8 bytes: "));

        IEnumerable<string> Change(string map, Action<MapSpec> change)
        {
            var now = Releases.Read("0.1.0", "socket_lb");
            change(now.Maps[map]);
            return s_services.Differences(was, now);
        }
    }

    [Test]
    public void A_number_that_is_another_is_found()
    {
        var was = CEnum.Read("enum dp_counter { DP_A = 0, DP_B = 1, DP_COUNTERS = 2 };");
        Assert.That(NumberDifferences(was, CEnum.Read("enum dp_counter { DP_A = 0, DP_B = 1, DP_C = 2, DP_COUNTERS = 3 };")), Is.Empty, "one was appended");
        Assert.That(
            NumberDifferences(was, CEnum.Read("enum dp_counter { DP_C = 0, DP_A = 1, DP_COUNTERS = 2 };")).Select(static d => d.Text),
            Is.EqualTo(new[] { "DP_A of enum dp_counter was 0, is 1", "DP_B of enum dp_counter was 1, is gone" }));
    }

    [Test]
    public void A_difference_with_the_same_layout_fails_and_one_with_a_later_layout_does_not()
    {
        Assert.That(() => AssertSame("0.1.0", "dp_layout", "LayoutVersion", nameof(StateMap), ["one"]), Throws.TypeOf<AssertionException>().With.Message.Contains("raise LayoutVersion"));
        Assert.That(IsLater("dp_layout", CEnum.Read("enum dp_layout { DP_LAYOUT_VERSION = 1 };"), CEnum.Read("enum dp_layout { DP_LAYOUT_VERSION = 2 };")), Is.True);
    }

    private static void AssertSame(string release, string layout, string number, string state, IEnumerable<string> differences)
    {
        if (IsLater(layout, CEnum.Read(Releases.ReadHeaders(release)), CEnum.All))
            return;
        Assert.That(
            differences,
            Is.Empty,
            $"release {release} pins this otherwise, with the same version of the layout: raise {number}, say in {state} what becomes of earlier layouts and in docs/upgrading.md what an upgrade does, "
            + $"and prove it in tests/Datapath.Kernel.Tests/Upgrade; or, if {release} is not released yet, copy the objects and headers anew, as the README there says");
    }

    private static bool IsLater(string layout, IReadOnlyDictionary<string, IReadOnlyDictionary<string, long>> was, IReadOnlyDictionary<string, IReadOnlyDictionary<string, long>> now) =>
        now[layout].Values.Single() > was[layout].Values.Single();

    private static IEnumerable<string> RecordDifferences(string type, BpfObjectSpec was, BpfObjectSpec now)
    {
        var (before, after) = (PinnedLayout.Flatten(was.Types.Find(BtfKind.Struct, type)), PinnedLayout.Flatten(now.Types.Find(BtfKind.Struct, type)));
        return before == after ? [] : [$"struct {type}: {before}, now {after}"];
    }

    private static IEnumerable<(string Enum, string Text)> NumberDifferences(
        IReadOnlyDictionary<string, IReadOnlyDictionary<string, long>> was, IReadOnlyDictionary<string, IReadOnlyDictionary<string, long>> now) =>
        from before in was
        where before.Key is not ("dp_layout" or "dp_nat_layout")
        let after = now.GetValueOrDefault(before.Key)
        from number in before.Value
        where !s_counts.Contains(number.Key) && (after is null || !after.TryGetValue(number.Key, out var value) || value != number.Value)
        select (before.Key, $"{number.Key} of enum {before.Key} was {number.Value}, {(after?.ContainsKey(number.Key) is true ? $"is {after[number.Key]}" : "is gone")}");

    private static bool IsOfMasquerade(string name) =>
        name.StartsWith("dp_nat_", StringComparison.Ordinal) || name.StartsWith("dp_flow_", StringComparison.Ordinal) || name.StartsWith("dp_sweep_", StringComparison.Ordinal);
}
