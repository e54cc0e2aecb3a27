using Datapath.BpfObjects;
using Datapath.BpfObjects.Layout;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Bpf;
using Datapath.Linux.Masquerade;
using Datapath.Linux.Netlink;

namespace Datapath.Kernel.Tests.Upgrade;

/// <summary>
/// Egress NAT that cannot be taken over is refused by a message that names the way, and its flows go on. The way works: what another version left is removed, whatever it is, and the next
/// start is a fresh one.
/// </summary>
[TestFixtureSource(nameof(Fixtures))]
[LoadTest]
internal sealed class MasqueradeRefusalTests(string release, TcMechanism mechanism)
{
    private const uint Later = (uint)NatLayoutVersion.Version + 1;

    private MasqueradeUpgradeLab _lab = null!;

    [SetUp]
    public void StartRelease() => _lab = new(ReleasedObjects.MasqueradeOf(release), mechanism);

    [TearDown]
    public void StopLab() => _lab.Dispose();

    private static IEnumerable<object[]> Fixtures() => from release in Releases.All
                                                       from mechanism in new[] { TcMechanism.Any, TcMechanism.Filter }
                                                       select new object[] { release, mechanism };

    /// <summary>Maps that are others in this version, and what is said then.</summary>
    private static IEnumerable<TestCaseData> Changes()
    {
        yield return Change("value of flows", MasqueradeObject.Flows6, static map => map.ValueSize += 8, static was => $"value has {was.ValueSize} bytes, expected {was.ValueSize + 8}");
        yield return Change("key of kept flows", "dp_kept4", static map => map.KeySize += 4, static was => $"key has {was.KeySize} bytes, expected {was.KeySize + 4}");
        yield return Change("kind", MasqueradeObject.Interfaces, static map => map.Type = MapType.LruHash, static _ => "type is Hash, expected LruHash");
        yield return Change("size", MasqueradeObject.Choices, static map => map.MaxEntries *= 2, static was => $"has {was.MaxEntries} entries, expected {was.MaxEntries * 2}");

        static TestCaseData Change(string name, string map, Action<MapSpec> change, Func<MapSpec, string> difference) => new TestCaseData(map, change, difference).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(Changes))]
    public void Another_map_is_refused(string map, Action<MapSpec> change, Func<MapSpec, string> difference)
    {
        var message = $"map '{map}' cannot be reused: {difference(Releases.Read(release, "masquerade").Maps[map])}; uninstall, then start again";
        AssertRefused<IncompatibleMapException>(message, _lab.Nat.Options with { Objects = MasqueradeObjects.OfPackage.With(spec => spec.ChangeMap(map, change)), MaxFlows = 2048 });
        AssertStartsAfresh();
    }

    [TestCase(Later, false)]
    [TestCase(Later, true)]
    [TestCase(1U, false)]
    public void Another_layout_is_refused(uint version, bool isLonger)
    {
        MakeAnother(version, isLonger);
        AssertRefused<IncompatibleStateException>(
            $"{_lab.BpfRoot} holds the state of egress NAT of layout version {version}, this package has version {Later - 1}; uninstall it, then start again", Options);
        Assert.That(() => MasqueradeMonitor.Open(_lab.BpfRoot), Throws.TypeOf<IncompatibleStateException>().With.Message.EndsWith("; read it by the version that wrote it"));
        AssertStartsAfresh();
    }

    [Test]
    public void Tables_too_small_for_their_flows_are_refused() => AssertRefused<IncompatibleStateException>(
        "map 'dp_flows4' cannot shrink: MaxFlows is 1, but it holds 4 entries, two for each flow; set MaxFlows to 2 or more, or wait until flows have ended", Options with { MaxFlows = 1 });

    [TestCase(Later)]
    [TestCase(1U)]
    public void Whatever_another_version_left_is_removed(uint version)
    {
        MakeAnother(version, isLonger: true);
        OtherVersion.RemoveMaps(_lab.BpfRoot, MasqueradeObject.Devices, MasqueradeObject.Flows4, MasqueradeObject.Untold);
        OtherVersion.AddMap(_lab.BpfRoot);
        OtherVersion.AddWalk(_lab.BpfRoot);
        AssertStartsAfresh();
    }

    [Test]
    public void Pins_without_a_state_are_removed_too()
    {
        _lab.Nat.Masquerade.Dispose();
        OtherVersion.RemoveMaps(_lab.BpfRoot, MasqueradeObject.State);
        AssertStartsAfresh();
    }

    [Test]
    public void Who_manages_a_later_layout_is_told_by_number_and_not_disturbed()
    {
        OtherVersion.SetLayout(_lab.BpfRoot, MasqueradeObject.State, Later);
        OtherVersion.LengthenState(_lab.BpfRoot, MasqueradeObject.State);
        Action[] attempts = [() => _lab.Uninstall(), () => _lab.Nat.Node.Run(() => LinuxMasquerade.Open(Options))];
        foreach (var attempt in attempts)
            Assert.That(() => attempt(), Throws.TypeOf<DatapathInUseException>().With.Property(nameof(DatapathInUseException.OwnerPid)).EqualTo((uint)Environment.ProcessId));
    }

    private LinuxMasqueradeOptions Options => _lab.Nat.Options with { Objects = MasqueradeObjects.OfPackage };

    private void MakeAnother(uint version, bool isLonger)
    {
        _lab.Nat.Masquerade.Dispose();
        OtherVersion.SetLayout(_lab.BpfRoot, MasqueradeObject.State, version);
        if (isLonger)
            OtherVersion.LengthenState(_lab.BpfRoot, MasqueradeObject.State);
    }

    private void AssertRefused<TException>(string message, LinuxMasqueradeOptions options)
        where TException : Exception
    {
        using var talks = _lab.TalkOn();
        _lab.Nat.Masquerade.Dispose();
        var before = PinSnapshot.Of(_lab.BpfRoot);
        for (var i = 0; i < 3; i++)
        {
            Assert.That(() => _lab.Nat.Node.Run(() => LinuxMasquerade.Open(options)), Throws.TypeOf<TException>().With.Message.EqualTo(message));
            talks.AssertGoOn();
        }

        Assert.That(PinSnapshot.Of(_lab.BpfRoot), Is.EqualTo(before));
        _lab.AssertTranslates();
    }

    private void AssertStartsAfresh()
    {
        _lab.Nat.Masquerade.Dispose();
        Assert.That(_lab.Uninstall(), Is.True);
        Assert.That(Directory.Exists(_lab.BpfRoot), Is.False);
        Assert.That(AttachedPrograms(), Is.Empty);
        _lab.Upgrade();
        _lab.Nat.Masquerade.Apply(MasqueradeUpgradeLab.Rules);
        _lab.AssertTranslates();
        using var talks = _lab.TalkOn();
        talks.AssertGoOn();
    }

    // By either mechanism.
    private string[] AttachedPrograms() => _lab.Nat.Node.Run(static () =>
    {
        using var route = new RouteNetlink();
        var eth0 = route.GetLink("eth0").Index;
        return new[] { TcxDirection.Ingress, TcxDirection.Egress }.SelectMany(direction => TcFilter.Query(eth0, direction).Select(static filter => filter.Name)
            .Concat(BpfFeature.Tcx.IsSupported ? TcxLink.Query(eth0, direction).Programs.Select(static program => $"{program.ProgramId}") : [])).ToArray();
    });
}
