using System.Text;

namespace Datapath.Agent.Metrics;

/// <summary>Measurements, counted by their size.</summary>
/// <param name="bounds">The bounds, each belonging to the bucket below it, in order.</param>
internal sealed class MetricBuckets(IReadOnlyList<double> bounds)
{
    private readonly long[] _counts = new long[bounds.Count + 1];
    private double _sum;

    public void Record(double value)
    {
        var bucket = 0;
        while (bucket < bounds.Count && !(value <= bounds[bucket]))
            bucket++;
        _counts[bucket]++;
        _sum += value;
    }

    /// <summary>Appends the samples: each bucket counts those below it too.</summary>
    public void AppendTo(StringBuilder text, string name, string labels)
    {
        var before = labels.Length == 0 ? "" : $"{labels},";
        var total = 0L;
        for (var i = 0; i < _counts.Length; i++)
        {
            total += _counts[i];
            var bound = i < bounds.Count ? bounds[i] : double.PositiveInfinity;
            PrometheusText.AppendSample(text, $"{name}_bucket", $"{before}le=\"{PrometheusText.Number(bound)}\"", total);
        }

        PrometheusText.AppendSample(text, $"{name}_sum", labels, _sum);
        PrometheusText.AppendSample(text, $"{name}_count", labels, total);
    }
}
