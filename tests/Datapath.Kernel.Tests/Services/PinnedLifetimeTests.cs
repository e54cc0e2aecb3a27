using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;

namespace Datapath.Kernel.Tests.Services;

/// <summary>A pinned datapath goes on without its process, and the next process takes it over as it is.</summary>
[TestFixture]
[LoadTest]
internal sealed class PinnedLifetimeTests
{
    private ServiceLab _lab = null!;

    [SetUp]
    public void StartLab() => _lab = new(lifetime: DatapathLifetime.Pinned);

    [TearDown]
    public void StopLab() => _lab.Dispose();

    [Test]
    public void Services_work_on_while_nobody_manages_them() => _lab.Pods[1].Run(() =>
    {
        _ = _lab.Apply(ServiceLab.Service(1, 2));
        _lab.Datapath.Dispose();
        Assert.That(Dial.Tcp(ServiceLab.ServiceV4()).Pod, Is.EqualTo("pod2"));
        Assert.That(Dial.Udp(ServiceLab.ServiceV6()).Pod, Is.EqualTo("pod2"));
    });

    [Test]
    public void The_next_process_finds_everything_as_it_was()
    {
        _ = _lab.Apply(ServiceLab.Service(1, 2, 3), ServiceLab.Service(2), ServiceLab.Service(3, 3));
        var before = _lab.Datapath.Read();
        _lab.Reopen();
        AssertSame(_lab.Datapath.Read(), before);
    }

    [Test]
    public void The_same_state_touches_nothing_after_a_restart()
    {
        var state = ServiceLab.State(ServiceLab.Service(1, 2, 3), ServiceLab.Service(2), ServiceLab.Service(3, 3));
        Assert.That(_lab.Datapath.Replace(state).FrontendsWritten, Is.EqualTo(12));
        var before = _lab.Datapath.Read();
        _lab.Reopen();
        var result = _lab.Datapath.Replace(state);
        Assert.That((result.FrontendsWritten, result.FrontendsRemoved, result.Failures.Length), Is.EqualTo((0, 0, 0)));
        AssertSame(_lab.Datapath.Read(), before);
    }

    [Test]
    public void A_replace_removes_what_a_former_process_left() => _lab.Pods[1].Run(() =>
    {
        _ = _lab.Apply(ServiceLab.Service(1, 2), ServiceLab.Service(2, 3));
        _lab.Reopen();
        var result = _lab.Datapath.Replace(ServiceLab.State(ServiceLab.Service(2, 3)));
        Assert.That((result.FrontendsWritten, result.FrontendsRemoved), Is.EqualTo((0, 4)));
        Assert.That(_lab.Datapath.Read(), Has.Length.EqualTo(4));
        Assert.That(Dial.Tcp(ServiceLab.ServiceV4(2)).Pod, Is.EqualTo("pod3"));
    });

    [Test]
    public void What_a_former_process_left_stays_until_a_replace()
    {
        _ = _lab.Apply(ServiceLab.Service(1, 2));
        _lab.Reopen();
        _ = _lab.Apply(ServiceLab.Service(2, 3));
        Assert.That(_lab.Datapath.Read(), Has.Length.EqualTo(8));
    }

    [Test]
    public void A_change_after_a_restart_keeps_identifiers()
    {
        _ = _lab.Apply(ServiceLab.Service(1, 2));
        var before = _lab.Frontend(1);
        _lab.Reopen();
        _ = _lab.Apply(ServiceLab.Service(1, 2, 3));
        var after = _lab.Frontend(1);
        Assert.That(after.Id, Is.EqualTo(before.Id));
        Assert.That(after.Backends.Single(b => b.Address == before.Backends[0].Address).Id, Is.EqualTo(before.Backends[0].Id));
    }

    [Test]
    public void Identifiers_of_the_removed_are_not_given_away_after_a_restart()
    {
        _ = _lab.Apply(ServiceLab.Service(1, 2));
        var before = _lab.Frontend(1);
        _ = _lab.Remove(1);
        _lab.Reopen();
        _ = _lab.Apply(ServiceLab.Service(1, 2));
        Assert.That(_lab.Frontend(1).Id, Is.GreaterThan(before.Id));
        Assert.That(_lab.Frontend(1).Backends[0].Id, Is.GreaterThan(before.Backends[0].Id));
    }

    [Test]
    public void Slots_of_the_adopted_are_not_given_to_others()
    {
        for (var i = 1; i <= 30; i++)
            _ = _lab.Apply(ServiceLab.Service(i, 2, 3));
        var before = _lab.Datapath.Read();
        _lab.Reopen();
        for (var i = 31; i <= 60; i++)
            _ = _lab.Apply(ServiceLab.Service(i, 3));
        AssertSame([.. _lab.Datapath.Read().Where(f => before.Any(b => b.Address == f.Address))], before);
    }

    [Test]
    public void A_socket_of_before_a_restart_still_hears_from_its_service() => _lab.Pods[1].Run(() =>
    {
        _ = _lab.Apply(ServiceLab.Service(1, 2));
        using var socket = new RawSocket(System.Net.Sockets.AddressFamily.InterNetwork, System.Net.Sockets.SocketType.Dgram);
        Assert.That(socket.Connect(SocketName.Of(ServiceLab.ServiceV4(), ServiceLab.ServicePort)), Is.EqualTo(Errno.None));
        _lab.Reopen();
        Assert.That(Dial.Ask(socket).Pod, Is.EqualTo("pod2"));
        Assert.That(socket.PeerName().ToString(), Is.EqualTo("10.96.0.1:80"));
    });

    [Test]
    public void A_restart_may_change_what_a_service_without_backends_answers() => _lab.Pods[1].Run(() =>
    {
        _ = _lab.Apply(ServiceLab.Service(1));
        Assert.That(Dial.Tcp(ServiceLab.ServiceV4()).Errno, Is.EqualTo(Errno.ECONNREFUSED));
        _lab.Datapath.Dispose();
        using var datapath = LinuxDatapath.Open(_lab.Options with { NoBackend = NoBackendReply.Unreachable });
        Assert.That(Dial.Tcp(ServiceLab.ServiceV4()).Errno, Is.EqualTo(Errno.EHOSTUNREACH));
    });

    private static void AssertSame(IEnumerable<ProgrammedFrontend> actual, IEnumerable<ProgrammedFrontend> expected) =>
        Assert.That(actual.Select(Text), Is.EqualTo(expected.Select(Text)));

    private static string Text(ProgrammedFrontend f) => $"{f.Id} {f.Address} {f.Type}: {string.Join(", ", f.Backends)}";
}
