using Datapath.Hosting.Tests.Lab;
using Datapath.Linux;
using Microsoft.Extensions.DependencyInjection;

namespace Datapath.Hosting.Tests.Reconciliation;

/// <summary>The engine is asked by the clock which pods it has lost, if anything depends on them.</summary>
internal sealed class PodWatchTests
{
    private readonly FakeTimeProvider _time = new();
    private FakeSource _source = null!;

    [SetUp]
    public void MakeSource() => _source = new();

    [Test]
    public async Task A_pod_that_was_lost_is_told_again_without_any_change_of_objects()
    {
        await using var lab = await StartAsync(dependsOnFoundPods: true);
        lab.Datapath.OnCall = () => lab.Datapath.LostPods = [];
        lab.Datapath.LostPods = [new("default", "p")];
        await PassAsync(lab);
        await Deadline.UntilAsync(() => lab.Datapath.Calls.Length > 1, "it is told");
        await PassAsync(lab);
        Assert.That(lab.Datapath.Calls, Is.EqualTo(new[] { "replace ; pods p", "apply ; pods +p" }));
    }

    [Test]
    public async Task Nobody_is_asked_until_something_depends_on_pods()
    {
        await using var lab = await StartAsync(dependsOnFoundPods: false);
        _time.Advance(PodWatch.Interval);
        Assert.That(lab.Datapath.LostPodsAsked, Is.Zero);
        lab.Datapath.DependsOnFoundPods = true;
        _source.Tell(Objects.Service("a"));
        _ = await lab.Monitor.WaitForAsync(static now => now.State.Services.Count == 1, Deadline.Token);
        await PassAsync(lab);
        Assert.That(lab.Datapath.LostPodsAsked, Is.EqualTo(1));
    }

    [Test]
    public async Task A_look_that_is_refused_is_told_once_and_the_watch_goes_on()
    {
        await using var lab = await StartAsync(dependsOnFoundPods: true);
        lab.Datapath.LookRefusal = new LinuxException("enter network namespace 1", Errno.EPERM);
        await PassAsync(lab);
        await PassAsync(lab);
        lab.Datapath.LookRefusal = null;
        lab.Datapath.OnCall = () => lab.Datapath.LostPods = [];
        lab.Datapath.LostPods = [new("default", "p")];
        await PassAsync(lab);
        await Deadline.UntilAsync(() => lab.Datapath.Calls.Length > 1, "it is told");
        Assert.That(lab.Log.Bad, Is.EqualTo(new[] { "Could not look at whether pods are where they were found, which is tried again: enter network namespace 1: EPERM" }));
    }

    private async Task<HostLab> StartAsync(bool dependsOnFoundPods)
    {
        var lab = new HostLab(builder => builder.AddSource(_ => _source), _time, options: static options => options.Node.Name = "node-a");
        lab.Datapath.DependsOnFoundPods = dependsOnFoundPods;
        await lab.Host.StartAsync(Deadline.Token);
        _source.Tell(Objects.Pod("p"));
        _ = await lab.SyncedAsync();
        return lab;
    }

    /// <summary>Lets the interval pass: two wait for the clock, who watches for faults and who watches pods.</summary>
    private async Task PassAsync(HostLab lab)
    {
        const int Watches = 2;
        var asked = lab.Datapath.LostPodsAsked;
        await Deadline.UntilAsync(() => _time.Waiting == Watches, "they wait");
        _time.Advance(PodWatch.Interval);
        await Deadline.UntilAsync(() => lab.Datapath.LostPodsAsked > asked, "it has asked");
    }
}
