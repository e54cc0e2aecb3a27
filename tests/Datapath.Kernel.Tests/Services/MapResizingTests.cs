using System.Net.Sockets;
using Datapath.BpfObjects;
using Datapath.BpfObjects.Layout;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Bpf;
using Datapath.Linux.Services;

namespace Datapath.Kernel.Tests.Services;

/// <summary>A restart may ask for other sizes: the state passes into maps of the new size, and no dial notices.</summary>
[TestFixture]
[LoadTest]
internal sealed class MapResizingTests
{
    private ServiceLab _lab = null!;

    private string Maps => PinFolder.MapsOf(_lab.Options.BpfRoot);

    [SetUp]
    public void StartLab()
    {
        _lab = new(lifetime: DatapathLifetime.Pinned);
        _ = _lab.Apply(ServiceLab.Service(1, 2), ServiceLab.Service(2, 2, 3), ServiceLab.Service(3));
    }

    [TearDown]
    public void StopLab() => _lab.Dispose();

    [TestCase(4096, 65536)]
    [TestCase(1024, 65536)]
    [TestCase(12, 16384)]
    [TestCase(64, 4096)]
    public void The_state_passes_into_maps_of_another_size(int maxFrontends, int maxSlots)
    {
        var before = Text(_lab.Datapath.Read());
        _lab.Datapath.Dispose();
        using (var resized = Open(maxFrontends, maxSlots))
        {
            Assert.That(Text(resized.Read()), Is.EqualTo(before));
            Assert.That(Text(PinnedDatapath.Read(_lab.Options.BpfRoot)), Is.EqualTo(before));
            var status = resized.GetStatus();
            Assert.That((status.IPv4.MaxFrontends, status.IPv6.MaxSlots), Is.EqualTo((maxFrontends, maxSlots - 1)));
            _lab.Pods[1].Run(() => Assert.That(Dial.Udp(ServiceLab.ServiceV6()).Pod, Is.EqualTo("pod2")));
            Assert.That(resized.Apply(new([ServiceLab.Service(1, 3)], [])).Failures, Is.Empty);
            _lab.Pods[1].Run(() => Assert.That(Dial.Tcp(ServiceLab.ServiceV4()).Pod, Is.EqualTo("pod3")));
            before = Text(resized.Read());
        }

        _lab.Reopen();
        Assert.That(Text(_lab.Datapath.Read()), Is.EqualTo(before));
        Assert.That(Directory.GetFiles(Maps, "*" + BpfPin.BesideSuffix), Is.Empty);
    }

    [Test]
    public void What_was_too_much_before_fits_into_the_grown_maps()
    {
        _lab.Datapath.Dispose();
        using (var small = Open(12, 16384)) // of each family six are there already
        {
            var failures = small.Apply(new([.. Enumerable.Range(4, 4).Select(static i => ServiceLab.Service(i, 2))], [])).Failures;
            Assert.That(failures.Select(static f => f.Reason), Is.All.EndsWith("is full (12 frontends): raise maxFrontends").And.Not.Empty);
        }

        using var large = Open(24, 16384);
        Assert.That(large.Apply(new([.. Enumerable.Range(4, 4).Select(static i => ServiceLab.Service(i, 2))], [])).Failures, Is.Empty);
    }

    [Test]
    public void Fewer_frontends_than_there_are_are_refused_and_nothing_changes()
    {
        var before = Text(_lab.Datapath.Read());
        _lab.Datapath.Dispose();
        var thrown = Assert.Throws<IncompatibleStateException>(() => Open(5, 65536));
        Assert.That(thrown!.Message, Is.EqualTo(
            "map 'dp_frontends4' cannot shrink: maxFrontends is 5, but it holds 6 frontends; set maxFrontends to 6 or more, or remove services first"));
        using (var slots = BpfMap.OpenPinned(Path.Combine(Maps, SocketLbObject.Slots4)))
            Assert.That(slots.Info.MaxEntries, Is.EqualTo(_lab.Options.MaxSlots), "one was resized although another was refused");
        _lab.Reopen();
        Assert.That(Text(_lab.Datapath.Read()), Is.EqualTo(before));
    }

    [Test]
    public void Fewer_slots_than_are_in_use_are_refused()
    {
        _ = _lab.Apply(Tcp(4, [.. Enumerable.Range(2, 100)]));
        var used = _lab.Datapath.GetStatus().IPv4.Slots;
        _lab.Datapath.Dispose();
        Assert.That(Assert.Throws<IncompatibleStateException>(() => Open(1024, used))!.Message, Is.EqualTo(
            $"map 'dp_slots4' cannot shrink: maxSlots is {used}, but it holds {used} slots; set maxSlots to {used + 1} or more, or remove services first"));
        using var resized = Open(1024, used + 1);
        Assert.That(resized.GetStatus().IPv4.Slots, Is.EqualTo(used));
    }

    [Test]
    public void Slots_that_are_free_but_not_in_a_row_are_refused()
    {
        _lab.Datapath.Dispose();
        _ = PinnedDatapath.Uninstall(_lab.Options.BpfRoot);
        using (var full = Open(1024, 128))
        {
            // Slots are taken from the end: 16 services fill the upper half, 15 the lower one.
            foreach (var i in Enumerable.Range(1, 31))
                Assert.That(full.Apply(new([Tcp(i, 2, 3, 4, 5)], [])).Failures, Is.Empty);
            _ = full.Apply(new([], [.. Enumerable.Range(1, 31).Where(static i => i <= 16 || i % 2 == 0).Select(ServiceLab.Name)]));
        }

        using (var sparse = Open(1024, 128))
            Assert.That(sparse.Apply(new([Tcp(40, [.. Enumerable.Range(2, 10)])], [])).Failures, Is.Empty);
        Assert.That(Assert.Throws<IncompatibleStateException>(() => Open(1024, 64))!.Message, Is.EqualTo(
            "map 'dp_slots4' cannot shrink: maxSlots is 64, but no 10 slots in a row are free below that; raise maxSlots, or remove services first"));
        using var same = Open(1024, 128);
        Assert.That(same.Read(), Has.Length.EqualTo(9));
    }

    [Test]
    public void No_dial_fails_while_maps_grow_and_shrink()
    {
        using var dialers = new Dialers(_lab, static () => Dial.Tcp(ServiceLab.ServiceV4()), static () => Dial.Udp(ServiceLab.ServiceV6()));
        for (var i = 0; i < 10; i++)
        {
            var before = dialers.Count;
            Eventually.True(() => dialers.Count >= before + 100, "the dials have come to a halt");
            _lab.Datapath.Dispose();
            using var resized = Open(1024 << (i % 2), 16384 << (i % 3));
            Assert.That(resized.Apply(new([ServiceLab.Service(2, 2 + (i % 2))], [])).Failures, Is.Empty);
        }

        Assert.That(dialers.Stop().Keys, Is.EqualTo(new[] { "pod2" }));
    }

    [Test]
    public void A_socket_keeps_its_name_and_its_answers() => _lab.Pods[1].Run(() =>
    {
        using var socket = new RawSocket(AddressFamily.InterNetwork, SocketType.Dgram);
        Assert.That(socket.Connect(SocketName.Of(ServiceLab.ServiceV4(), ServiceLab.ServicePort)), Is.EqualTo(Errno.None));
        _lab.Datapath.Dispose();
        using var resized = Open(2048, 32768);
        Assert.That(Dial.Ask(socket).Pod, Is.EqualTo("pod2"));
        Assert.That(socket.PeerName().ToString(), Is.EqualTo("10.96.0.1:80"));
    });

    [Test]
    public void What_a_killed_process_left_beside_a_map_goes_at_the_next_start()
    {
        var path = Path.Combine(Maps, SocketLbObject.Frontends4 + BpfPin.BesideSuffix);
        _lab.Datapath.Dispose();
        using (var leftover = BpfMap.Create(new() { Name = "leftover", Type = MapType.Array, KeySize = 4, ValueSize = 4, MaxEntries = 1 }))
            leftover.Pin(path);
        _lab.Reopen();
        Assert.That(File.Exists(path), Is.False);
    }

    [Test]
    public void Another_layout_is_refused_with_each_difference_but_the_size()
    {
        _lab.Datapath.Dispose();
        var path = Path.Combine(Maps, SocketLbObject.Frontends4);
        File.Delete(path);
        using (var other = BpfMap.Create(new() { Name = "other", Type = MapType.Hash, KeySize = 4, ValueSize = 4, MaxEntries = 7 }))
            other.Pin(path);
        var thrown = Assert.Throws<IncompatibleMapException>(() => LinuxDatapath.Open(_lab.Options));
        Assert.That(thrown!.Differences, Is.EqualTo(new[] { "key has 4 bytes, expected 8", "value has 4 bytes, expected 8", "flags are None, expected ReadOnlyForPrograms" }));
    }

    [Test]
    public void What_clients_sets_ranges_and_counters_hold_passes_too()
    {
        _lab.Pods[1].Run(() => _ = Dial.Tcp(ServiceLab.ServiceV4(3)));
        _lab.Datapath.Dispose();
        Set(SocketLbObject.Clients, new ClientKey { Client = 7, FrontendId = 1 }, new FrontendValue { Range = 3 });
        Set(SocketLbObject.Sets, new SetKey { FrontendId = 1, Set = 3 }, new FrontendValue(100, 2, 0));
        Set(SocketLbObject.Exemptions, 7UL, 1U);
        Set(SocketLbObject.Affinity, new AffinityKey { Client = 7, FrontendId = 1 }, new AffinityValue { BackendId = 2 });
        var range = default(RangeValue);
        range.Ports[0] = new() { Range = new FrontendValue(70, 1, 0).Range, First = 1, Last = 2 };
        WithMap(SocketLbObject.Ranges4, map => map.AsLpmTrie<RangeKey4, RangeValue>().Set(new RangeKey4 { PrefixLength = 40, Protocol = 6 }, range));

        var spec = SocketLbSpec.Make(_lab.Options, 1);
        foreach (var name in ServiceMaps.Resizable.Keys)
            spec.Maps[name].MaxEntries *= 2;
        using (var pins = PinFolder.Open(_lab.Options.BpfRoot, StateMap.ReadOwner))
            MapResizing.Run(spec, pins, ServiceMaps.Resizable);

        foreach (var name in ServiceMaps.Resizable.Keys)
            WithMap(name, map => Assert.That(map.Info.MaxEntries, Is.EqualTo(spec.Maps[name].MaxEntries), name));
        WithMap(SocketLbObject.Clients, map => Assert.That(map.AsHash<ClientKey, FrontendValue>().ToList().Single().Value.Range, Is.EqualTo(3)));
        WithMap(SocketLbObject.Sets, map => Assert.That(map.AsHash<SetKey, FrontendValue>().ToList().Single().Value.First, Is.EqualTo(100)));
        WithMap(SocketLbObject.Exemptions, map => Assert.That(map.AsHash<ulong, uint>().ToList(), Is.EqualTo(new[] { KeyValuePair.Create(7UL, 1U) })));
        WithMap(SocketLbObject.Affinity, map => Assert.That(map.AsHash<AffinityKey, AffinityValue>().ToList().Single().Value.BackendId, Is.EqualTo(2)));
        WithMap(SocketLbObject.Ranges4, map => Assert.That(map.AsLpmTrie<RangeKey4, RangeValue>().ToList().Single().Value.Ports[0].Last, Is.EqualTo(2)));
        Assert.That(PinnedDatapath.ReadCounters(_lab.Options.BpfRoot)["RefusedNoBackend"], Is.EqualTo(1));
    }

    private static string[] Text(IEnumerable<ProgrammedFrontend> frontends) =>
        [.. frontends.Select(static f => $"{f.Id} {f.Address} {f.Type}: {string.Join(", ", f.Backends)}")];

    private static DesiredService Tcp(int number, params int[] pods) =>
        new(ServiceLab.Name(number), [ServiceLab.Service(number, pods).Frontends.Single(static f => f.Address is { IsIPv4: true, Protocol: L4Protocol.Tcp })]);

    private LinuxDatapath Open(int maxFrontends, int maxSlots) =>
        LinuxDatapath.Open(_lab.Options with { MaxFrontends = maxFrontends, MaxSlots = maxSlots });

    private void Set<TKey, TValue>(string name, TKey key, TValue value)
        where TKey : unmanaged
        where TValue : unmanaged => WithMap(name, map => map.AsHash<TKey, TValue>().Set(in key, in value));

    private void WithMap(string name, Action<BpfMap> use)
    {
        using var map = BpfMap.OpenPinned(Path.Combine(Maps, name));
        use(map);
    }
}
