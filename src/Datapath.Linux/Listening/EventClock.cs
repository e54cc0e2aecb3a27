using System.Diagnostics;

namespace Datapath.Linux.Listening;

/// <summary>Tells the times of events, which are on the clock that programs read, as people read them.</summary>
internal sealed class EventClock
{
    private const int TickLength = 100; // ns
    private long _start; // ticks of the wall clock when the monotonic one was 0

    public EventClock() => Set();

    /// <summary>How long a listener is listened for without a renewal, ns.</summary>
    public static ulong Lease => 5_000_000_000;

    /// <summary>Nanoseconds on the monotonic clock, which is the one that .NET's stopwatch reads.</summary>
    public static ulong Now => (ulong)Stopwatch.GetTimestamp();

    /// <summary>Looks at the wall clock again, which somebody may set.</summary>
    public void Set() => Volatile.Write(ref _start, TimeProvider.System.GetUtcNow().Ticks - (long)(Now / TickLength));

    /// <summary>The time that the wall clock shows for one of <see cref="Now"/>, as it is set at the moment.</summary>
    public static DateTimeOffset WallTimeOf(ulong time) => new EventClock().At(time);

    public DateTimeOffset At(ulong time) => new(Volatile.Read(ref _start) + (long)(time / TickLength), TimeSpan.Zero);
}
