using System.Diagnostics.Metrics;

namespace Datapath.Hosting;

/// <summary>
/// Instruments that read an engine's counters when somebody collects. They live as long as their meter, which the host ends after the engine, so they
/// are ended apart.
/// </summary>
internal sealed class CounterInstruments : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Func<IReadOnlyDictionary<string, long>> _read;
    private bool _isEnded;

    /// <summary>Makes the instruments.</summary>
    /// <param name="meter">Where.</param>
    /// <param name="places">Where each counter shows, by its name.</param>
    /// <param name="read">Reads the counters, among them all of <paramref name="places"/>.</param>
    public CounterInstruments(Meter meter, IEnumerable<KeyValuePair<string, CounterPlace>> places, Func<IReadOnlyDictionary<string, long>> read)
    {
        _read = read;
        foreach (var group in places.GroupBy(static p => p.Value.Instrument))
        {
            var first = group.First().Value;
            (string, KeyValuePair<string, object?>[])[] counters = [.. group.Select(static p => (p.Key, p.Value.Tags))];
            _ = meter.CreateObservableCounter(first.Instrument, () => Measure(counters), first.Unit, first.Description);
        }
    }

    /// <summary>Does something with the engine, unless it is too late.</summary>
    public T? IfAlive<T>(Func<T> read)
        where T : struct
    {
        lock (_gate)
            return _isEnded ? null : read();
    }

    /// <summary>Reads no more.</summary>
    public void Dispose()
    {
        lock (_gate)
            _isEnded = true;
    }

    private Measurement<long>[] Measure((string Counter, KeyValuePair<string, object?>[] Tags)[] counters)
    {
        lock (_gate)
        {
            if (_isEnded)
                return [];
            var values = _read();
            return [.. counters.Select(c => new Measurement<long>(values[c.Counter], c.Tags))];
        }
    }
}
