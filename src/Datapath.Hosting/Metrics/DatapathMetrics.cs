using System.Diagnostics.Metrics;

namespace Datapath.Hosting;

/// <summary>What this package measures, on the meter <see cref="MeterName"/>.</summary>
public sealed class DatapathMetrics
{
    /// <summary>The name of the meter.</summary>
    public const string MeterName = "Datapath";

    private readonly Counter<long> _written;
    private readonly Counter<long> _removed;
    private readonly Counter<long> _failures;
    private readonly Counter<long> _refused;
    private static readonly InstrumentAdvice<double> s_buckets = new() { HistogramBucketBoundaries = [0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30] };

    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _step;

    /// <summary>Makes the instruments.</summary>
    /// <param name="meters">Where the meter comes from.</param>
    public DatapathMetrics(IMeterFactory meters)
    {
        ArgumentNullException.ThrowIfNull(meters);
        var meter = meters.Create(MeterName);
        _written = meter.CreateCounter<long>("datapath.frontend.written", "{frontend}", "Frontends added or replaced in the engine.");
        _removed = meter.CreateCounter<long>("datapath.frontend.removed", "{frontend}", "Frontends removed from the engine.");
        _failures = meter.CreateCounter<long>("datapath.frontend.failed", "{frontend}", "Frontends that the engine refused.");
        _refused = meter.CreateCounter<long>("datapath.object.refused", "{object}", "Mistakes found in objects and documents.");
        _duration = meter.CreateHistogram("datapath.apply.duration", "s", "How long the engine took to apply a change.", tags: null, s_buckets);
        _step = meter.CreateHistogram("datapath.reconcile.duration", "s", "How long a step took, from what came in to what is in force.", tags: null, s_buckets);
        _ = meter.CreateObservableGauge(
            "datapath.reconcile.lag", () => Lag is { } lag ? [new Measurement<double>(lag().TotalSeconds)] : Array.Empty<Measurement<double>>(), "s",
            "For how long the oldest change has waited that is not in force yet; 0 if none waits.");
    }

    /// <summary>Tells for how long the oldest change has waited; <see langword="null"/> while nothing reconciles.</summary>
    internal Func<TimeSpan>? Lag { get; set; }

    internal void Applied(ApplyResult result, TimeSpan duration)
    {
        _written.Add(result.FrontendsWritten);
        _removed.Add(result.FrontendsRemoved);
        _failures.Add(result.Failures.Length);
        _duration.Record(duration.TotalSeconds);
    }

    internal void Stepped(TimeSpan duration) => _step.Record(duration.TotalSeconds);

    internal void Refused() => _refused.Add(1);
}
