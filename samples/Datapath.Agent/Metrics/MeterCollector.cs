using System.Diagnostics.Metrics;
using System.Text;
using Datapath.Hosting;
using Microsoft.Extensions.Logging;

namespace Datapath.Agent.Metrics;

/// <summary>Listens to the meter of this host from its making on, and tells what was measured in Prometheus' words.</summary>
internal sealed partial class MeterCollector : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Lock _collecting = new();
    private readonly MeterListener _listener;
    private readonly ILogger<MeterCollector> _logger;
    private readonly SortedDictionary<string, MetricFamily> _families = new(StringComparer.Ordinal);
    private string? _failure;

    public MeterCollector(IMeterFactory meters, ILogger<MeterCollector> logger)
    {
        _logger = logger;
        _listener = new()
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == DatapathMetrics.MeterName && ReferenceEquals(instrument.Meter.Scope, meters))
                    listener.EnableMeasurementEvents(instrument, FamilyOf(instrument));
            },
        };
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        _listener.SetMeasurementEventCallback<int>(static (_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        _listener.Start();
    }

    /// <summary>All that was measured, and what there is to observe now. What cannot be observed is missing, and the log says why.</summary>
    public string Collect()
    {
        lock (_collecting)
        {
            MetricFamily[] families;
            lock (_gate)
                families = [.. _families.Values];
            foreach (var family in families)
                family.BeginCollection();
            Observe();
            var text = new StringBuilder();
            foreach (var family in families)
                family.AppendTo(text);
            return text.ToString();
        }
    }

    public void Dispose() => _listener.Dispose();

    private void Observe()
    {
        var failure = default(string);
        try
        {
            _listener.RecordObservableInstruments();
        }
        catch (AggregateException e) // of those instruments that failed; all others were asked
        {
            failure = string.Join("; ", e.InnerExceptions.Select(static inner => inner.Message).Distinct());
        }

        if (failure is not null && failure != _failure)
            Log.NotObserved(_logger, failure);
        _failure = failure;
    }

    private MetricFamily FamilyOf(Instrument instrument)
    {
        lock (_gate)
        {
            var name = PrometheusName.OfInstrument(instrument);
            if (!_families.TryGetValue(name, out var family))
                _families.Add(name, family = new(instrument));
            return family.Kind == MetricKinds.Of(instrument) && family.IsObserved == instrument.IsObservable
                ? family
                : throw new InvalidOperationException($"instrument '{instrument.Name}' is of another kind than another one with the name '{name}'");
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 5101, Level = LogLevel.Warning, Message = "Some metrics are missing: {Reason}")]
        public static partial void NotObserved(ILogger logger, string reason);
    }
}
