namespace Datapath.Hosting;

/// <summary>
/// How long to wait before the next try: a random time around one that doubles with each failure, so that the nodes of a cluster do not come all at once.
/// </summary>
/// <param name="first">The first wait, on average.</param>
/// <param name="longest">The longest wait.</param>
/// <param name="random">Gives numbers of 0 to 1; the system's by default.</param>
internal sealed class JitteredBackoff(TimeSpan first, TimeSpan longest, Func<double>? random = null)
{
    private const int MostDoublings = 20;
    private readonly Func<double> _random = random ?? Random.Shared.NextDouble;
    private int _failures;

    /// <summary>From half to one and a half times the time that it is the turn of, at most the longest.</summary>
    public TimeSpan Next()
    {
        var delay = first * (1L << _failures) * (0.5 + _random());
        if (_failures < MostDoublings)
            _failures++;
        return delay < longest ? delay : longest;
    }

    public void Reset() => _failures = 0;
}
