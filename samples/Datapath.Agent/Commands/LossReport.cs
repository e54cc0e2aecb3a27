using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Datapath.Linux;

namespace Datapath.Agent.Commands;

/// <summary>Tells of events that were not told, while it happens.</summary>
/// <param name="lost">How many found no room by now.</param>
/// <param name="gaps">In which times nobody was listened for.</param>
/// <param name="describe">What to say of some more that found no room.</param>
internal sealed class LossReport(Func<long> lost, Func<ImmutableArray<ListeningGap>> gaps, Func<long, string> describe)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);
    private long _told;
    private int _gapsTold;
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
        TellGaps();
    }

    /// <summary>Tells of the gaps that were not told yet.</summary>
    public void TellGaps()
    {
        var all = gaps();
        foreach (var gap in all.AsSpan()[_gapsTold..])
        {
            Console.Error.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"datapath-agent: nothing was heard from {gap.From.UtcDateTime:yyyy-MM-ddTHH:mm:ss.fffZ} to {gap.To.UtcDateTime:yyyy-MM-ddTHH:mm:ss.fffZ}: this process was stopped"));
        }

        _gapsTold = all.Length;
    }
}
