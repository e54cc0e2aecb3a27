using System.Diagnostics.Metrics;
using System.Text;

namespace Datapath.Agent.Metrics;

/// <summary>All that instruments of one name have measured. Safe from any thread.</summary>
internal sealed class MetricFamily(Instrument first)
{
    /// <summary>The bounds that OpenTelemetry takes where an instrument has none of its own.</summary>
    private static readonly double[] s_defaultBounds = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000];

    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, double> _values = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, MetricBuckets> _buckets = new(StringComparer.Ordinal);
    private readonly IReadOnlyList<double> _bounds = (first as Histogram<double>)?.Advice?.HistogramBucketBoundaries ?? s_defaultBounds;
    private readonly string _help = first.Description ?? "";

    public string Name { get; } = PrometheusName.OfInstrument(first);

    public MetricKind Kind { get; } = MetricKinds.Of(first);

    /// <summary>Whether instruments tell what they have when they are asked, rather than when something happens.</summary>
    public bool IsObserved { get; } = first.IsObservable;

    /// <summary>Takes a measurement.</summary>
    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = PrometheusText.Labels(tags);
        lock (_gate)
        {
            if (Kind is MetricKind.Histogram)
            {
                if (!_buckets.TryGetValue(labels, out var buckets))
                    _buckets.Add(labels, buckets = new(_bounds));
                buckets.Record(value);
            }
            else
            {
                _values[labels] = IsObserved || first is Gauge<double> or Gauge<long> ? value : _values.GetValueOrDefault(labels) + value;
            }
        }
    }

    /// <summary>Forgets what was observed: what is not told again is gone.</summary>
    public void BeginCollection()
    {
        lock (_gate)
        {
            if (IsObserved)
                _values.Clear();
        }
    }

    /// <summary>Appends the family, if there is anything in it.</summary>
    public void AppendTo(StringBuilder text)
    {
        lock (_gate)
        {
            if (_values.Count + _buckets.Count == 0)
                return;
            PrometheusText.AppendHead(text, Name, Kind, _help);
            foreach (var (labels, value) in _values)
                PrometheusText.AppendSample(text, Name, labels, value);
            foreach (var (labels, buckets) in _buckets)
                buckets.AppendTo(text, Name, labels);
        }
    }
}
