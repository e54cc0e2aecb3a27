using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Datapath.Hosting;

namespace Datapath.Kubernetes.Tests.Lab;

/// <summary>Reads instruments that are made from now on.</summary>
internal sealed class MeterLab : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<(string Name, string Key, string Value), double> _sums = [];
    private readonly ConcurrentDictionary<(string Name, string Value), double> _gauges = [];

    public MeterLab()
    {
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name == DatapathMetrics.MeterName && instrument.Name.StartsWith("datapath.kubernetes", StringComparison.Ordinal))
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>What a counter came to, with a tag.</summary>
    public double Sum(string name, string key, string value) => _sums.GetValueOrDefault((name, key, value));

    /// <summary>What a gauge shows of a kind now.</summary>
    public double Gauge(string name, string kind)
    {
        _listener.RecordObservableInstruments();
        return _gauges[(name, kind)];
    }

    public void Dispose() => _listener.Dispose();

    private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach (var (key, tag) in tags)
        {
            if (instrument.IsObservable)
                _gauges[(instrument.Name, (string)tag!)] = value;
            else
                _ = _sums.AddOrUpdate((instrument.Name, key, (string)tag!), value, (_, sum) => sum + value);
        }
    }
}
