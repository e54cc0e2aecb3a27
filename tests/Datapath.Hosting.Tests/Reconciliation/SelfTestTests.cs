using Datapath.Hosting.Tests.Lab;
using Datapath.Linux;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

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
        Assert.That(lab.Log.At(LogLevel.Information), Does.Contain("Self-test: not tested: this process is elsewhere"));
        Assert.That(lab.Log.Bad, Is.Empty);
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

    [Test]
    public async Task What_happens_to_the_engine_later_is_logged_once_and_so_is_that_it_is_over()
    {
        var time = new FakeTimeProvider();
        await using var lab = new HostLab(builder => builder.AddSource(_ => _source), time);
        _ = await StartAsync(lab);
        lab.Datapath.Faults = ["the pins are gone"];
        await PassAsync(lab, time, 2);
        lab.Datapath.Faults = ["the pins are gone", "the cgroup is gone"];
        await PassAsync(lab, time, 1);
        lab.Datapath.Faults = ["the cgroup is gone"];
        await PassAsync(lab, time, 1);
        Assert.That(lab.Log.At(LogLevel.Error), Is.EqualTo(new[]
        {
            "The datapath has no effect, or will not last: the pins are gone",
            "The datapath has no effect, or will not last: the cgroup is gone",
        }));
        Assert.That(lab.Log.At(LogLevel.Information), Does.Contain("Over: the pins are gone"));
    }

    [Test]
    public async Task A_look_that_is_refused_is_told_once_by_its_reason_and_so_is_that_it_works_again()
    {
        var time = new FakeTimeProvider();
        await using var lab = new HostLab(builder => builder.AddSource(_ => _source), time);
        _ = await StartAsync(lab);
        lab.Datapath.LookRefusal = new LinuxException("open '/pins'", Errno.EACCES);
        await PassAsync(lab, time, 2);
        lab.Datapath.LookRefusal = new LinuxException("open '/pins'", Errno.EIO);
        await PassAsync(lab, time, 1);
        lab.Datapath.LookRefusal = null;
        lab.Datapath.Faults = ["the pins are gone"];
        await PassAsync(lab, time, 2);
        Assert.That(lab.Log.Bad, Is.EqualTo(new[]
        {
            "Could not look at what has happened around the datapath, which is tried again: open '/pins': EACCES",
            "Could not look at what has happened around the datapath, which is tried again: open '/pins': EIO",
            "The datapath has no effect, or will not last: the pins are gone",
        }));
        Assert.That(lab.Log.At(LogLevel.Information).Count(static l => l == "Can look at what has happened around the datapath again"), Is.EqualTo(1));
    }

    private static async Task PassAsync(HostLab lab, FakeTimeProvider time, int times)
    {
        for (var i = 0; i < times; i++)
        {
            var asked = lab.Datapath.FaultsAsked;
            await Deadline.UntilAsync(() => time.Waiting > 0, "it waits");
            time.Advance(FaultWatch.Interval);
            await Deadline.UntilAsync(() => lab.Datapath.FaultsAsked > asked && time.Waiting > 0, "it has looked, and waits again");
        }
    }

    private async Task<DatapathSnapshot> StartAsync(HostLab lab)
    {
        await lab.Host.StartAsync(Deadline.Token);
        _source.Tell();
        return await lab.SyncedAsync();
    }
}
