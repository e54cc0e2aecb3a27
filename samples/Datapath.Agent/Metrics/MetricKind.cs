using System.Diagnostics.Metrics;

namespace Datapath.Agent.Metrics;

/// <summary>A kind of metric that Prometheus knows.</summary>
internal enum MetricKind
{
    /// <summary>Only grows.</summary>
    Counter,

    /// <summary>Goes up and down.</summary>
    Gauge,

    /// <summary>How many measurements were at most how large.</summary>
    Histogram,
}

/// <summary>The kinds of instruments.</summary>
internal static class MetricKinds
{
    public static MetricKind Of(Instrument instrument)
    {
        var type = instrument.GetType().GetGenericTypeDefinition();
        if (type == typeof(Histogram<>))
            return MetricKind.Histogram;
        return type == typeof(Counter<>) || type == typeof(ObservableCounter<>) ? MetricKind.Counter : MetricKind.Gauge;
    }
}
