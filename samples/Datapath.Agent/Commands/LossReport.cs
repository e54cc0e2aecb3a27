using System.Diagnostics;

namespace Datapath.Agent.Commands;

/// <summary>Tells of events that found no room, while it happens.</summary>
/// <param name="lost">How many there are by now.</param>
/// <param name="describe">What to say of some more.</param>
internal sealed class LossReport(Func<long> lost, Func<long, string> describe)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);
    private long _told;
    private long _at = Stopwatch.GetTimestamp();

    public void Tell()
    {
        if (Stopwatch.GetElapsedTime(_at) < s_interval)
            return;
        _at = Stopwatch.GetTimestamp();
        var now = lost();
        if (now > _told)
            Console.Error.WriteLine($"datapath-agent: {describe(now - _told)}");
        _told = now;
    }
}
