namespace Datapath.Hosting;

/// <summary>How long to wait before the next try: 100 ms, doubled each time, at most a minute.</summary>
internal sealed class Backoff
{
    private static readonly TimeSpan s_first = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_longest = TimeSpan.FromMinutes(1);
    private TimeSpan _next = s_first;

    public TimeSpan Next()
    {
        var delay = _next;
        _next = delay * 2 < s_longest ? delay * 2 : s_longest;
        return delay;
    }

    public void Reset() => _next = s_first;
}
