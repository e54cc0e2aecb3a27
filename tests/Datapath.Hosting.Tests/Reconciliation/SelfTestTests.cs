using Datapath.Hosting.Tests.Lab;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Datapath.Hosting.Tests.Reconciliation;

/// <summary>The engine is asked to try itself once it holds the first state, and what it finds is told.</summary>
public class SelfTestTests
{
    private FakeSource _source = null!;

    [SetUp]
    public void MakeSource() => _source = new();

    [Test]
    public async Task An_engine_that_is_effective_is_healthy()
    {
        await using var lab = new HostLab(_source);
        var now = await StartAsync(lab);
        Assert.That(now.SelfTest, Is.EqualTo(lab.Datapath.SelfTestResult));
        Assert.That((await lab.HealthAsync()).Status, Is.EqualTo(HealthStatus.Healthy));
        Assert.That(lab.Log.Bad, Is.Empty);
    }

    [Test]
    public async Task An_engine_without_effect_is_told_in_words()
    {
        await using var lab = new HostLab(_source);
        lab.Datapath.SelfTestResult = new(false, ["a dial was not seen", "another is first"]);
        _ = await StartAsync(lab);
        Assert.That(lab.Log.Bad, Is.EqualTo(new[] { "Self-test: attached but not effective: a dial was not seen; another is first" }));
        Assert.That(await lab.HealthAsync(), Is.EqualTo((HealthStatus.Degraded, "attached but not effective: a dial was not seen; another is first")));
    }

    [Test]
    public async Task A_test_that_could_not_be_made_is_told_and_no_illness()
    {
        await using var lab = new HostLab(_source);
        lab.Datapath.SelfTestResult = new(null, ["this process is elsewhere"]);
        _ = await StartAsync(lab);
        Assert.That((await lab.HealthAsync()).Status, Is.EqualTo(HealthStatus.Healthy));
        Assert.That(lab.Log.Bad, Is.EqualTo(new[] { "Self-test: not tested: this process is elsewhere" }));
    }

    [Test]
    public async Task What_happens_to_the_engine_later_is_told_when_health_is_asked()
    {
        await using var lab = new HostLab(_source);
        _ = await StartAsync(lab);
        lab.Datapath.Faults = ["the pins are gone"];
        Assert.That(await lab.HealthAsync(), Is.EqualTo((HealthStatus.Degraded, "the pins are gone")));
        lab.Datapath.Faults = [];
        Assert.That((await lab.HealthAsync()).Status, Is.EqualTo(HealthStatus.Healthy));
    }

    private async Task<DatapathSnapshot> StartAsync(HostLab lab)
    {
        await lab.Host.StartAsync(Deadline.Token);
        _source.Tell();
        return await lab.SyncedAsync();
    }
}
