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
    private readonly Histogram<double> _duration;

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
        _duration = meter.CreateHistogram<double>("datapath.apply.duration", "s", "How long the engine took to apply a change.");
    }

    internal void Applied(ApplyResult result, TimeSpan duration)
    {
        _written.Add(result.FrontendsWritten);
        _removed.Add(result.FrontendsRemoved);
        _failures.Add(result.Failures.Length);
        _duration.Record(duration.TotalSeconds);
    }

    internal void Refused() => _refused.Add(1);
}
