using System.Globalization;
using System.Text;

namespace Datapath.Agent.Metrics;

/// <summary>The parts of Prometheus' text format, version 0.0.4.</summary>
internal static class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>What stands before a family's samples.</summary>
    public static void AppendHead(StringBuilder text, string name, MetricKind kind, string help)
    {
        _ = text.Append("# HELP ").Append(name).Append(' ').Append(help.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)).Append('\n');
        _ = text.Append("# TYPE ").Append(name).Append(' ').Append(kind switch
        {
            MetricKind.Counter => "counter",
            MetricKind.Gauge => "gauge",
            MetricKind.Histogram => "histogram",
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
        }).Append('\n');
    }

    /// <summary>A sample.</summary>
    /// <param name="text">Where to.</param>
    /// <param name="name">Its name.</param>
    /// <param name="labels">Its labels, as <see cref="Labels"/> has them.</param>
    /// <param name="value">Its value.</param>
    public static void AppendSample(StringBuilder text, string name, string labels, double value)
    {
        _ = text.Append(name);
        if (labels.Length > 0)
            _ = text.Append('{').Append(labels).Append('}');
        _ = text.Append(' ').Append(Number(value)).Append('\n');
    }

    /// <summary>Labels as they stand between the braces, by their names. Of attributes whose names become the same, values are put together.</summary>
    public static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (attribute, value) in tags)
        {
            var (name, words) = (PrometheusName.OfLabel(attribute), Convert.ToString(value, CultureInfo.InvariantCulture) ?? "");
            labels[name] = labels.TryGetValue(name, out var before) ? $"{before};{words}" : words;
        }

        return string.Join(',', labels.Select(static label => $"{label.Key}=\"{Escape(label.Value)}\""));
    }

    public static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        double.NaN => "NaN",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    private static string Escape(string value) => value.Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}
