namespace Datapath.Kernel.Tests.Lab;

/// <summary>A clock whose timers never come.</summary>
internal sealed class StoppedTime : TimeProvider
{
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new Never();

    private sealed class Never : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
            // there is nothing
        }

        public ValueTask DisposeAsync() => default;
    }
}
