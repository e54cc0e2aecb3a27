using Datapath.Linux.Masquerade;

namespace Datapath.Linux.Tests.Masquerade;

/// <summary>A sweep that fails ends neither the process nor the sweeps.</summary>
internal sealed class SweepTimerTests
{
    [Test]
    public void A_refusal_is_told_until_a_sweep_is_done()
    {
        var time = new HandTimer();
        var refusal = new LinuxException("read the iterator", Errno.ENOMEM);
        LinuxException? now = refusal;
        using var timer = new SweepTimer(() => now is null ? 0 : throw now, TimeSpan.FromSeconds(5), time);
        Assert.That(timer.Failure, Is.Null);
        time.Fire();
        Assert.That(timer.Failure, Is.EqualTo(refusal.Message));
        now = null;
        time.Fire();
        Assert.That(timer.Failure, Is.Null);
    }

    private sealed class HandTimer : TimeProvider, ITimer
    {
        private TimerCallback? _callback;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _callback = callback;
            return this;
        }

        public void Fire() => _callback!(null);

        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
