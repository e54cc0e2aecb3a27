using Datapath.Kernel.Tests.Lab;

namespace Datapath.Kernel.Tests.Services;

/// <summary>Identifiers of frontends and backends, as they stand in the kernel.</summary>
[TestFixture]
[LoadTest]
internal sealed class IdentifierTests
{
    private ServiceLab _lab = null!;

    [SetUp]
    public void StartLab() => _lab = new();

    [TearDown]
    public void StopLab() => _lab.Dispose();

    [Test]
    public void A_service_that_is_scaled_keeps_its_identifier_and_those_of_its_backends()
    {
        _ = _lab.Apply(ServiceLab.Service(1, 2));
        var before = _lab.Frontend(1);
        foreach (var pods in new[] { [2, 3], [3, 2], [], [2], new[] { 2, 3, 4, 5 } })
        {
            _ = _lab.Apply(ServiceLab.Service(1, pods));
            Assert.That(_lab.Frontend(1).Id, Is.EqualTo(before.Id));
        }
    }

    [Test]
    public void A_backend_has_one_identifier_while_some_service_uses_it()
    {
        _ = _lab.Apply(ServiceLab.Service(1, 2), ServiceLab.Service(2, 2));
        var id = _lab.Frontend(1).Backends.Single().Id;
        Assert.That(_lab.Frontend(2).Backends.Single().Id, Is.EqualTo(id));
        _ = _lab.Remove(1);
        _ = _lab.Apply(ServiceLab.Service(3, 2, 3));
        Assert.That(_lab.Frontend(3).Backends[0].Id, Is.EqualTo(id));
        _ = _lab.Remove(2, 3);
        _ = _lab.Apply(ServiceLab.Service(3, 2));
        Assert.That(_lab.Frontend(3).Backends[0].Id, Is.GreaterThan(id));
    }

    [Test]
    public void A_service_that_is_removed_and_comes_again_is_another()
    {
        var seen = new HashSet<uint>();
        for (var i = 0; i < 5; i++)
        {
            _ = _lab.Apply(ServiceLab.Service(1, 2));
            foreach (var frontend in _lab.Datapath.Read())
                Assert.That(seen.Add(frontend.Id), Is.True);
            _ = _lab.Remove(1);
        }
    }

    [Test]
    public void No_two_frontends_share_an_identifier()
    {
        _ = _lab.Apply([.. Enumerable.Range(1, 40).Select(static i => ServiceLab.Service(i, 2, 3))]);
        Assert.That(_lab.Datapath.Read().Select(static f => f.Id), Is.Unique);
        Assert.That(_lab.Datapath.Read().Select(static f => f.Id), Has.None.Zero);
    }
}
