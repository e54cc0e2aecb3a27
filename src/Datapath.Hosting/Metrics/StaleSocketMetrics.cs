using System.Diagnostics.Metrics;
using Datapath.Linux;

namespace Datapath.Hosting;

/// <summary>Counts the sockets that the engine ends because their backends left, and times its walks over the sockets of the machine.</summary>
internal sealed class StaleSocketMetrics : IDisposable
{
    private const string TransportTag = "network.transport";
    private static readonly InstrumentAdvice<double> s_buckets = new() { HistogramBucketBoundaries = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10] };

    private readonly LinuxDatapath _engine;
    private readonly Counter<long> _destroyed;
    private readonly Histogram<double> _duration;

    public StaleSocketMetrics(LinuxDatapath engine, IMeterFactory meters)
    {
        var meter = meters.Create(DatapathMetrics.MeterName);
        _destroyed = meter.CreateCounter<long>("datapath.socket.destroyed", "{socket}", "Stale sockets that were destroyed, because their backend had left its frontend.");
        _duration = meter.CreateHistogram("datapath.socket.scan.duration", "s", "How long a walk over the sockets of the machine took.", tags: null, s_buckets);
        _engine = engine;
        _engine.StaleSocketsScanned += Note;
    }

    public void Dispose() => _engine.StaleSocketsScanned -= Note;

    private void Note(object? sender, StaleSocketScan scan)
    {
        _destroyed.Add(scan.Udp, KeyValuePair.Create(TransportTag, (object?)"udp"));
        _destroyed.Add(scan.Tcp, KeyValuePair.Create(TransportTag, (object?)"tcp"));
        _duration.Record(scan.Duration.TotalSeconds);
    }
}
