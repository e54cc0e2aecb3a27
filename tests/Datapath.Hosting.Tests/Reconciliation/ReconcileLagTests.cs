using System.Threading.Channels;
using Datapath.Hosting.Tests.Lab;
using Microsoft.Extensions.DependencyInjection;

namespace Datapath.Hosting.Tests.Reconciliation;

/// <summary>For how long the oldest change has waited that is not in force.</summary>
internal sealed class ReconcileLagTests
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider _time = new();
    private readonly FakeSource _source = new();

    private HostLab Start() => new(builder => builder.AddSource(_ => _source), _time);

    private static TimeSpan LagOf(HostLab lab) => lab.Host.Services.GetRequiredService<DatapathMetrics>().Lag!();

    [Test]
    public async Task Until_the_first_lists_are_in_force_it_grows_from_the_start_and_then_there_is_none()
    {
        await using var lab = Start();
        await lab.Host.StartAsync();
        await Deadline.UntilAsync(() => lab.Host.Services.GetRequiredService<DatapathMetrics>().Lag is not null, "the loop runs");
        _time.Advance(3 * s_second);
        Assert.That(LagOf(lab), Is.EqualTo(3 * s_second));
        _source.Tell(Objects.Service("a", 1));
        _ = await lab.SyncedAsync();
        await Deadline.UntilAsync(() => LagOf(lab) == TimeSpan.Zero, "all is in force");
        _time.Advance(3 * s_second);
        Assert.That(LagOf(lab), Is.EqualTo(TimeSpan.Zero));
    }

    [Test]
    public async Task While_a_step_runs_it_is_as_old_as_the_change_and_the_monitor_says_since_when()
    {
        await using var lab = Start();
        var seen = new List<(TimeSpan Lag, TimeSpan? Busy)>();
        lab.Datapath.OnCall = () =>
        {
            _time.Advance(2 * s_second);
            seen.Add((LagOf(lab), _time.GetUtcNow() - lab.Monitor.BusySince));
        };
        await lab.Host.StartAsync();
        _source.Tell(Objects.Service("a", 1));
        _ = await lab.SyncedAsync();
        await Deadline.UntilAsync(() => lab.Monitor.BusySince is null, "the step ends");
        _source.Tell(Objects.Service("b", 2));
        _ = await lab.Monitor.WaitForAsync(static s => s.Generation == 2, Deadline.Token);
        await Deadline.UntilAsync(() => lab.Monitor.BusySince is null && LagOf(lab) == TimeSpan.Zero, "the step ends");
        Assert.That(seen, Is.EqualTo(new[] { (2 * s_second, (TimeSpan?)(2 * s_second)), (2 * s_second, 2 * s_second) }));
    }

    [Test]
    public async Task What_the_engine_refuses_waits_until_it_is_taken()
    {
        await using var lab = Start();
        await lab.Host.StartAsync();
        lab.Datapath.Refused["a"] = ("no room", IsTransient: true);
        _source.Tell(Objects.Service("a", 1));
        _ = await lab.SyncedAsync();
        await Deadline.UntilAsync(() => lab.Monitor.BusySince is null && _time.Waiting > 0, "it is to be tried again");
        var before = LagOf(lab);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.That(LagOf(lab), Is.EqualTo(before + TimeSpan.FromMilliseconds(1)));
        lab.Datapath.Refused.Clear();
        _source.Tell(Objects.Service("b", 2));
        await Deadline.UntilAsync(() => LagOf(lab) == TimeSpan.Zero, "all is in force");
    }

    [Test]
    public void What_nobody_has_taken_waits_since_it_was_told()
    {
        var inputs = Channel.CreateBounded<ReconcilerInput>(4);
        var lag = new ReconcileLag(inputs.Reader, _time);
        lag.End(isComplete: true);
        _time.Advance(s_second);
        Assert.That(lag.Current, Is.EqualTo(TimeSpan.Zero));
        Tell();
        _time.Advance(s_second);
        Tell();
        Assert.That(lag.Current, Is.EqualTo(s_second));
        lag.Begin();
        Assert.That(inputs.Reader.TryRead(out _) && inputs.Reader.TryRead(out _));
        _time.Advance(s_second);
        Assert.That(lag.Current, Is.EqualTo(2 * s_second), "taken is not in force");
        Tell();
        lag.End(isComplete: true);
        _time.Advance(s_second);
        Assert.That(lag.Current, Is.EqualTo(s_second), "what came meanwhile");

        void Tell() => Assert.That(inputs.Writer.TryWrite(new(static _ => { }, _time.GetTimestamp())));
    }
}
