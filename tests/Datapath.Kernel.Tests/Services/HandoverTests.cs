using Datapath.Kernel.Tests.Lab;

namespace Datapath.Kernel.Tests.Services;

/// <summary>An address passes from one service to another in one change.</summary>
[TestFixture]
[LoadTest]
internal sealed class HandoverTests
{
    private ServiceLab _lab = null!;

    [SetUp]
    public void StartLab()
    {
        _lab = new();
        _ = _lab.Apply(ServiceLab.Service(1, 2));
    }

    [TearDown]
    public void StopLab() => _lab.Dispose();

    [Test]
    public void The_taker_gets_a_new_identifier_whichever_service_comes_first([Values] bool takerFirst)
    {
        var before = _lab.Frontend(1).Id;
        Apply(takerFirst);
        Assert.That(_lab.Frontend(1).Id, Is.GreaterThan(before));
        Assert.That(_lab.Datapath.Read(), Has.Length.EqualTo(4));
    }

    [Test]
    public void The_taker_gets_a_new_identifier_if_the_giver_is_removed()
    {
        var before = _lab.Frontend(1).Id;
        var result = _lab.Apply(new ChangeSet([Taker(3)], [ServiceLab.Name(1)]));
        Assert.That((result.FrontendsWritten, result.FrontendsRemoved), Is.EqualTo((4, 0)));
        Assert.That(_lab.Frontend(1).Id, Is.GreaterThan(before));
    }

    [Test]
    public void The_taker_gets_a_new_identifier_though_its_first_try_failed()
    {
        var before = _lab.Frontend(1).Id;
        var impossible = Taker(3);
        impossible = impossible with { Frontends = [.. impossible.Frontends.Select(static f => f with { UsableCount = 2 })] };
        Assert.That(_lab.Datapath.Apply(new([impossible], [ServiceLab.Name(1)])).Failures, Has.Length.EqualTo(4));
        _ = _lab.Apply(Taker(3));
        Assert.That(_lab.Frontend(1).Id, Is.GreaterThan(before));
    }

    [Test]
    public void Of_two_takers_the_first_has_it()
    {
        var second = Taker(2) with { Name = ServiceLab.Name(10) };
        var result = _lab.Datapath.Apply(new([Taker(3), second], [ServiceLab.Name(1)]));
        Assert.That(result.FrontendsWritten, Is.EqualTo(4));
        Assert.That(result.Failures.Select(static f => (f.Service, f.Reason)), Is.All.EqualTo((second.Name, "the address belongs to service default/service-9")));
        Assert.That(result.Failures, Has.Length.EqualTo(4));
        Assert.That(_lab.Frontend(1).Backends.Single().Address.Address, Is.EqualTo(PodNetwork.V4(3)));

        // What was replaced must be free exactly once: fill and empty the table.
        for (var round = 0; round < 3; round++)
        {
            _ = _lab.Apply([.. Enumerable.Range(20, 60).Select(static i => ServiceLab.Service(i, 2, 3))]);
            foreach (var i in Enumerable.Range(20, 60))
                Assert.That(_lab.Frontend(i).Backends, Has.Length.EqualTo(2));
            _ = _lab.Remove([.. Enumerable.Range(20, 60)]);
        }
    }

    [Test]
    public void No_dial_fails_while_the_address_goes_to_and_fro()
    {
        using var dialers = new Dialers(_lab, static () => Dial.Tcp(ServiceLab.ServiceV4()), static () => Dial.Udp(ServiceLab.ServiceV6()));
        for (var i = 0; dialers.Count < 4000; i++)
        {
            Apply(takerFirst: i % 2 == 0);
            var giver = ServiceLab.Service(1, 2);
            var taker = new DesiredService(ServiceLab.Name(9), []);
            _ = _lab.Apply(i % 3 == 0 ? [giver, taker] : [taker, giver]);
        }

        Assert.That(dialers.Stop().Keys, Is.EquivalentTo(new[] { "pod2", "pod3" }));
    }

    [Test]
    public void An_address_that_another_service_keeps_is_refused()
    {
        var result = _lab.Datapath.Apply(new([Taker(3)], []));
        Assert.That(result.FrontendsWritten, Is.Zero);
        Assert.That(result.Failures.Select(static f => f.Reason), Is.All.EqualTo("the address belongs to service default/service-1"));
        Assert.That(_lab.Frontend(1).Backends.Single().Address.Address, Is.EqualTo(PodNetwork.V4(2)));
    }

    private static DesiredService Taker(int pod) => ServiceLab.Service(1, pod) with { Name = ServiceLab.Name(9) };

    private void Apply(bool takerFirst)
    {
        var giver = new DesiredService(ServiceLab.Name(1), []);
        _ = _lab.Apply(takerFirst ? [Taker(3), giver] : [giver, Taker(3)]);
    }
}
