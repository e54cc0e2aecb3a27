using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;

namespace Datapath.Kernel.Tests.Services;

/// <summary>Tables that are full: what fits goes in, what does not is told, and room is used again.</summary>
[TestFixture]
[LoadTest]
internal sealed class FullTableTests
{
    private ServiceLab _lab = null!;
    private LinuxDatapath _datapath = null!;

    [SetUp]
    public void StartLab()
    {
        _lab = new();
        _lab.Datapath.Dispose();
    }

    [TearDown]
    public void StopLab()
    {
        _datapath.Dispose();
        _lab.Dispose();
    }

    [Test]
    public void A_frontend_too_many_is_told_and_comes_in_when_there_is_room()
    {
        Open(maxFrontends: 4, maxSlots: 1024);
        var result = Apply(Tcp(1, 2), Tcp(2, 2), Tcp(3, 2), Tcp(4, 2), Tcp(5, 3), Tcp(6, 3));
        Assert.That(result.FrontendsWritten, Is.EqualTo(4));
        Assert.That(result.Failures.Select(static f => f.Service), Is.EqualTo(new[] { ServiceLab.Name(5), ServiceLab.Name(6) }));
        Assert.That(
            result.Failures.Select(static f => (f.Reason, f.IsTransient)),
            Is.All.EqualTo(("map 'dp_frontends4' is full (4 frontends): raise maxFrontends", true)));

        // A change of those inside still works.
        Assert.That(Apply(Tcp(1, 2, 3)).Failures, Is.Empty);
        Assert.That(_datapath.Read(), Has.Length.EqualTo(4));
        Assert.That(_datapath.Apply(new([], [ServiceLab.Name(2)])).FrontendsRemoved, Is.EqualTo(1));
        Assert.That(Apply(Tcp(5, 3)).Failures, Is.Empty);
        Assert.That(Apply(Tcp(6, 3)).Failures, Has.Length.EqualTo(1));
        Assert.That(Addresses(), Is.EqualTo(new[] { 1, 3, 4, 5 }));
    }

    [Test]
    public void Room_that_a_change_makes_is_used_by_the_same_change()
    {
        Open(maxFrontends: 2, maxSlots: 64);
        _ = Apply(Tcp(1, [.. Enumerable.Range(1, 30)]), Tcp(2, [.. Enumerable.Range(1, 30)]));
        var changed = _datapath.Apply(new([Tcp(3, [.. Enumerable.Range(1, 25)])], [ServiceLab.Name(1)]));
        Assert.That((changed.FrontendsWritten, changed.FrontendsRemoved, changed.Failures.Length), Is.EqualTo((1, 1, 0)));
        var replaced = _datapath.Replace(ServiceLab.State(Tcp(4, 2), Tcp(5, 2)));
        Assert.That((replaced.FrontendsWritten, replaced.FrontendsRemoved, replaced.Failures.Length), Is.EqualTo((2, 2, 0)));
        Assert.That(Addresses(), Is.EqualTo(new[] { 4, 5 }));
    }

    [Test]
    public void A_full_table_does_not_stop_those_that_come_after_a_refused_one()
    {
        Open(maxFrontends: 2, maxSlots: 1024);
        _ = Apply(Tcp(1, 2), Tcp(2, 2));
        var result = Apply(Tcp(3, 2), Tcp(1, 3), Tcp(4, 2), Tcp(2, 3));
        Assert.That(result.FrontendsWritten, Is.EqualTo(2));
        Assert.That(result.Failures.Select(static f => f.Service), Is.EqualTo(new[] { ServiceLab.Name(3), ServiceLab.Name(4) }));
        Assert.That(_datapath.Read().SelectMany(static f => f.Backends).Select(static b => b.Address.Address), Is.All.EqualTo(PodNetwork.V4(3)));
    }

    [Test]
    public void A_service_that_needs_more_slots_than_are_free_keeps_its_old_state_until_there_is_room()
    {
        Open(maxFrontends: 64, maxSlots: 64);
        int[] thirty = [.. Enumerable.Range(1, 30)];
        Assert.That(Apply(Tcp(1, 2), Tcp(2, thirty)).Failures, Is.Empty);
        var result = Apply(Tcp(1, [.. Enumerable.Range(1, 40)]));
        Assert.That(result.FrontendsWritten, Is.Zero);
        Assert.That(result.Failures.Single(), Is.EqualTo(new ApplyFailure(
            ServiceLab.Name(1), Address(1), "map 'dp_slots4' has no 40 free slots in a row (32 of 64 are free): raise maxSlots", IsTransient: true)));
        Assert.That(_datapath.Read()[0].Backends, Has.Length.EqualTo(1));
        _ = _datapath.Apply(new([], [ServiceLab.Name(2)]));
        Assert.That(Apply(Tcp(1, [.. Enumerable.Range(1, 40)])).Failures, Is.Empty);
        Assert.That(_datapath.Read()[0].Backends, Has.Length.EqualTo(40));
    }

    [Test]
    public void Slots_are_used_again_however_often_a_service_changes()
    {
        Open(maxFrontends: 64, maxSlots: 64);
        for (var i = 0; i < 150; i++)
            Assert.That(Apply(Tcp(1, [.. Enumerable.Range(1 + (i % 3), 15 + (i % 7))])).Failures, Is.Empty, $"change {i}");
    }

    // The slots of all of them at once would not fit a second time.
    [Test]
    public void A_change_of_everything_needs_the_slots_of_one_frontend_twice_not_those_of_all()
    {
        Open(maxFrontends: 64, maxSlots: 64);
        Assert.That(Apply([.. Enumerable.Range(1, 12).Select(static i => Tcp(i, 1, 2, 3, 4))]).Failures, Is.Empty);
        var result = Apply([.. Enumerable.Range(1, 12).Select(static i => Tcp(i, 5, 6, 7, 8))]);
        Assert.That(result.Failures, Is.Empty);
        Assert.That(result.FrontendsWritten, Is.EqualTo(12));
        Assert.That(
            _datapath.Read().SelectMany(static f => f.Backends).Select(static b => b.Address.Address).Distinct(),
            Is.EqualTo(new[] { 5, 6, 7, 8 }.Select(PodNetwork.V4)));
    }

    [Test]
    public void More_backends_than_a_table_has_slots_are_told()
    {
        Open(maxFrontends: 64, maxSlots: 64);
        var result = Apply(Tcp(1, [.. Enumerable.Range(1, 64)]));
        Assert.That(result.Failures.Single().Reason, Is.EqualTo("map 'dp_slots4' has no 64 free slots in a row (63 of 64 are free): raise maxSlots"));
        Assert.That(Apply(Tcp(1, [.. Enumerable.Range(1, 63)])).Failures, Is.Empty);
    }

    [Test]
    public void Any_service_can_be_changed_at_the_sizes_of_the_default([Values(L4Protocol.Tcp, L4Protocol.Udp)] L4Protocol protocol, [Values(2500, 5000, 20_000)] int backends, [Values] bool hasCanary)
    {
        Open(maxFrontends: 64, maxSlots: new LinuxDatapathOptions().MaxSlots);
        for (var change = 0; change < 4; change++)
        {
            int[] hosts = [.. Enumerable.Range(1, backends).Where(host => host % 10 != change)];
            Assert.That(Apply(Large(protocol, hosts, hasCanary)).Failures, Is.Empty, $"change {change}");
            Assert.That(_datapath.Read().Single().Backends.Select(static backend => backend.Address), Is.EqualTo(hosts.Select(host => Host(protocol, host))));
        }
    }

    [Test]
    public void Where_there_is_no_room_for_good_shares_coarser_ones_will_do()
    {
        Open(maxFrontends: 64, maxSlots: 256);
        Assert.That(Apply(Tcp(1, [.. Enumerable.Range(1, 200)])).Failures, Is.Empty);
        var three = Large(L4Protocol.Udp, [1, 2, 3], hasCanary: false);
        Assert.That(Apply(three), Is.EqualTo(new ApplyResult(1, 0, [])));
        Assert.That(_datapath.Read()[1].Backends.Select(static backend => backend.Share * 32), Is.EqualTo(new[] { 11.0, 11, 10 }), "64 were wanted");
        Assert.That(Apply(three), Is.EqualTo(new ApplyResult(0, 0, [])), "what is equal is not touched");
    }

    [Test]
    public void Several_large_services_that_took_what_there_was_can_each_be_changed()
    {
        Open(maxFrontends: 64, maxSlots: new LinuxDatapathOptions().MaxSlots);
        int[] hosts = [.. Enumerable.Range(1, 5000)];
        for (var number = 1; number <= 6; number++)
            Assert.That(Apply(Large(L4Protocol.Udp, hosts, hasCanary: false, number)).Failures, Is.Empty, $"service {number}");
        for (var number = 1; number <= 6; number++)
        {
            Assert.That(Apply(Large(L4Protocol.Udp, hosts[..^number], hasCanary: false, number)).Failures, Is.Empty, $"service {number} without {number} of them");
            Assert.That(Apply(Large(L4Protocol.Udp, hosts, hasCanary: true, number)).Failures, Is.Empty, $"service {number} with weights");
        }

        Assert.That(_datapath.Read().Select(static frontend => frontend.Backends.Length), Is.All.EqualTo(hosts.Length));
    }

    [TestCase(L4Protocol.Udp, false, 1025)]
    [TestCase(L4Protocol.Tcp, true, 1500)]
    public void A_service_that_takes_half_of_the_table_can_be_changed(L4Protocol protocol, bool hasCanary, int backends)
    {
        Open(maxFrontends: 64, maxSlots: 4096);
        int[] hosts = [.. Enumerable.Range(1, backends + 1)];
        foreach (var now in new[] { hosts[..^1], hosts, hosts[..^1], hosts[1..] })
        {
            Assert.That(Apply(Large(protocol, now, hasCanary)).Failures, Is.Empty);
            Assert.That(_datapath.Read().Single().Backends.Select(static backend => backend.Address), Is.EqualTo(now.Select(host => Host(protocol, host))));
        }
    }

    [Test]
    public void The_status_tells_how_full_the_tables_are()
    {
        Open(maxFrontends: 16, maxSlots: 64);
        _ = Apply(Tcp(1, 2, 3), Tcp(2));
        Assert.That(_datapath.GetStatus().IPv4, Is.EqualTo(new TableStatus(2, 16, 3, 63)));
        Assert.That(_datapath.GetStatus().IPv6, Is.EqualTo(new TableStatus(0, 16, 0, 63)));
        Assert.That(_datapath.GetStatus().Hooks, Is.EqualTo(10));
        Assert.That(_datapath.GetStatus().Cgroup, Is.EqualTo(_lab.CgroupPath));
    }

    private static L4Address Address(int number) => new(ServiceLab.ServiceV4(number), ServiceLab.ServicePort, L4Protocol.Tcp);

    private static DesiredService Tcp(int number, params int[] pods) =>
        new(ServiceLab.Name(number), [ServiceLab.Service(number, pods).Frontends.Single(f => f.Address == Address(number))]);

    private static DesiredService Large(L4Protocol protocol, int[] hosts, bool hasCanary, int number = 9) => new(
        ServiceLab.Name(number),
        [
            new()
            {
                Address = new(ServiceLab.ServiceV4(number), 80, protocol),
                Backends = [.. hosts.Select((host, index) => new Backend(Host(protocol, host)) { Weight = hasCanary && index == 0 ? 1 : Backend.DefaultWeight })],
                UsableCount = hosts.Length,
            },
        ]);

    private static L4Address Host(L4Protocol protocol, int host) => new(new([10, 244, (byte)(host >> 8), (byte)host]), 8080, protocol);

    private void Open(int maxFrontends, int maxSlots) =>
        _datapath = LinuxDatapath.Open(_lab.Options with { MaxFrontends = maxFrontends, MaxSlots = maxSlots });

    private ApplyResult Apply(params DesiredService[] services) => _datapath.Apply(new([.. services], []));

    private IEnumerable<int> Addresses() => _datapath.Read().Select(static f => (int)f.Address.Address.GetAddressBytes()[3]);
}
