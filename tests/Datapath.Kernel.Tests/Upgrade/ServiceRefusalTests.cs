using Datapath.BpfObjects;
using Datapath.BpfObjects.Layout;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Bpf;
using Datapath.Linux.Cgroups;
using Datapath.Linux.Services;

namespace Datapath.Kernel.Tests.Upgrade;

/// <summary>
/// Pins that cannot be taken over are refused by a message that names the way, and nothing is changed by that. The way works: what another version left is removed, whatever it is, and
/// the next start is a fresh one.
/// </summary>
[TestFixtureSource(typeof(Releases), nameof(Releases.All))]
[LoadTest]
internal sealed class ServiceRefusalTests(string release)
{
    private const uint Later = (uint)LayoutVersion.Version + 1;

    private UpgradeLab _lab = null!;

    [SetUp]
    public void StartRelease() => _lab = new(ReleasedObjects.ServicesOf(release));

    [TearDown]
    public void StopLab() => _lab.Dispose();

    /// <summary>Maps that are others in this version, and what is said then.</summary>
    private static IEnumerable<TestCaseData> Changes()
    {
        yield return Change("value", "dp_peer4", static map => map.ValueSize += 8, static was => $"value has {was.ValueSize} bytes, expected {was.ValueSize + 8}");
        yield return Change("key", SocketLbObject.Affinity, static map => map.KeySize += 8, static was => $"key has {was.KeySize} bytes, expected {was.KeySize + 8}");
        yield return Change("kind", SocketLbObject.Exemptions, static map => map.Type = MapType.LruHash, static _ => "type is Hash, expected LruHash");
        yield return Change("size", "dp_places6", static map => map.MaxEntries /= 2, static was => $"has {was.MaxEntries} entries, expected {was.MaxEntries / 2}");

        static TestCaseData Change(string name, string map, Action<MapSpec> change, Func<MapSpec, string> difference) => new TestCaseData(map, change, difference).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(Changes))]
    public void Another_map_is_refused(string map, Action<MapSpec> change, Func<MapSpec, string> difference)
    {
        var message = $"map '{map}' cannot be reused: {difference(Releases.Read(release, "socket_lb").Maps[map])}; uninstall, then start again";
        AssertRefused<IncompatibleMapException>(message, SocketLbObjects.OfPackage.With(spec => spec.ChangeMap(map, change)));
        AssertStartsAfresh();
    }

    [Test]
    public void Fewer_counters_are_refused()
    {
        var count = Releases.Read(release, "socket_lb").Maps[SocketLbObject.Counters].MaxEntries;
        AssertRefused<IncompatibleStateException>(
            $"map 'dp_counters' cannot shrink: its size in this version is {count - 1}, but it holds {count} counters; uninstall, then start again",
            SocketLbObjects.OfPackage.With(static spec => spec.ChangeMap(SocketLbObject.Counters, static map => map.MaxEntries--)));
        AssertStartsAfresh();
    }

    [Test]
    public void A_later_layout_is_refused_also_if_its_state_is_longer([Values] bool isLonger)
    {
        MakeLater(isLonger);
        AssertRefused<IncompatibleStateException>($"{_lab.BpfRoot} holds the state of layout version {Later}, this package has version {Later - 1}; uninstall it, then start again", SocketLbObjects.OfPackage);
        AssertStartsAfresh();
    }

    [Test]
    public void A_start_that_fails_leaves_an_earlier_layout_to_its_version()
    {
        _lab.Services.Datapath.Dispose();
        OtherVersion.SetLayout(_lab.BpfRoot, SocketLbObject.State, 1);
        OtherVersion.RemoveMaps(_lab.BpfRoot, SocketLbObject.Slots4); // frontends without slots
        Assert.That(() => LinuxDatapath.Open(_lab.Services.Options), Throws.TypeOf<IncompatibleStateException>().With.Message.EndsWith("; uninstall, then start again"));
        using (var state = StateMap.OpenPinned(_lab.BpfRoot))
            Assert.That(state.Value.LayoutVersion, Is.EqualTo(1));
        AssertStartsAfresh();
    }

    [Test]
    public void A_later_layout_is_not_read_either()
    {
        MakeLater(isLonger: true);
        var message = $"{_lab.BpfRoot} holds the state of layout version {Later}, this package has version {Later - 1}; read it by the version that wrote it";
        foreach (var read in new Action[]
        {
            () => PinnedDatapath.Read(_lab.BpfRoot),
            () => PinnedDatapath.ReadRanges(_lab.BpfRoot),
            () => PinnedDatapath.ReadCounters(_lab.BpfRoot),
            () => PinnedDatapath.ReadHooks(_lab.BpfRoot),
            () => DialMonitor.Open(_lab.BpfRoot),
        })
        {
            Assert.That(() => read(), Throws.TypeOf<IncompatibleStateException>().With.Message.EqualTo(message));
        }
    }

    [Test]
    public void Whatever_a_later_version_left_is_removed()
    {
        MakeLater(isLonger: true);
        OtherVersion.AddMap(_lab.BpfRoot);
        OtherVersion.AddLinks(_lab.BpfRoot, _lab.Services.CgroupPath);
        AssertStartsAfresh();
    }

    [Test]
    public void Whatever_an_earlier_version_left_is_removed()
    {
        _lab.Services.Datapath.Dispose();
        OtherVersion.SetLayout(_lab.BpfRoot, SocketLbObject.State, 1);
        OtherVersion.RemoveMaps(_lab.BpfRoot, SocketLbObject.Sets, SocketLbObject.Ranges6, "dp_places4");
        AssertStartsAfresh();
    }

    [Test]
    public void Pins_without_a_state_are_removed_too()
    {
        _lab.Services.Datapath.Dispose();
        OtherVersion.RemoveMaps(_lab.BpfRoot, SocketLbObject.State);
        AssertStartsAfresh();
    }

    [Test]
    public void Who_manages_a_later_layout_is_told_by_number_and_not_disturbed()
    {
        OtherVersion.SetLayout(_lab.BpfRoot, SocketLbObject.State, Later);
        OtherVersion.LengthenState(_lab.BpfRoot, SocketLbObject.State);
        Action[] attempts = [() => PinnedDatapath.Uninstall(_lab.BpfRoot), () => LinuxDatapath.Open(_lab.Services.Options with { Objects = SocketLbObjects.OfPackage })];
        foreach (var attempt in attempts)
            Assert.That(() => attempt(), Throws.TypeOf<DatapathInUseException>().With.Property(nameof(DatapathInUseException.OwnerPid)).EqualTo((uint)Environment.ProcessId));
    }

    private void MakeLater(bool isLonger)
    {
        _lab.Services.Datapath.Dispose();
        OtherVersion.SetLayout(_lab.BpfRoot, SocketLbObject.State, Later);
        if (isLonger)
            OtherVersion.LengthenState(_lab.BpfRoot, SocketLbObject.State);
    }

    private void AssertRefused<TException>(string message, SocketLbObjects objects)
        where TException : Exception
    {
        _lab.Services.Datapath.Dispose();
        var before = PinSnapshot.Of(_lab.BpfRoot);
        using var dialers = _lab.DialOn();
        for (var i = 0; i < 3; i++)
        {
            Assert.That(() => LinuxDatapath.Open(_lab.Services.Options with { Objects = objects }), Throws.TypeOf<TException>().With.Message.EqualTo(message));
            UpgradeLab.AssertGoOn(dialers);
        }

        Assert.That(PinSnapshot.Of(_lab.BpfRoot), Is.EqualTo(before));
        _lab.AssertServes();
        UpgradeLab.AssertAllReached(dialers);
    }

    private void AssertStartsAfresh()
    {
        _lab.Services.Datapath.Dispose();
        Assert.That(PinnedDatapath.Uninstall(_lab.BpfRoot), Is.True);
        Assert.That(Directory.Exists(_lab.BpfRoot), Is.False);
        Assert.That(CgroupPrograms.Count(Cgroup.Open(_lab.Services.CgroupPath)), Is.Zero);
        _lab.Upgrade();
        Assert.That(_lab.Services.Datapath.Read(), Is.Empty);
        Assert.That(_lab.Services.Datapath.Replace(UpgradeLab.State).Failures, Is.Empty);
        _lab.AssertVerified(UpgradeLab.State);
        _lab.AssertServes();
    }
}
