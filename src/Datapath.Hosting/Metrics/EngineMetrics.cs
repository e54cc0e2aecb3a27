using System.Diagnostics.Metrics;
using Datapath.Linux;
using Microsoft.Extensions.Hosting;
using Counter = Datapath.BpfObjects.Layout.Counter;

namespace Datapath.Hosting;

/// <summary>
/// What the engine's programs count and how full its maps are, read from the kernel when somebody collects, and the stale sockets that it ends. Another engine
/// than that of Linux has none of it.
/// </summary>
internal sealed class EngineMetrics : IHostedService, IDisposable
{
    private readonly EngineReadings? _readings;
    private readonly IMeterFactory _meters;
    private readonly StaleSocketMetrics? _sockets;
    private CounterInstruments? _instruments;

    public EngineMetrics(IDatapath datapath, IMeterFactory meters)
        : this(datapath is LinuxDatapath linux ? new EngineReadings(linux.ReadCounters, linux.ReadMapFill) : null, meters)
    {
        if (datapath is LinuxDatapath engine)
            _sockets = new(engine, meters);
    }

    internal EngineMetrics(EngineReadings? readings, IMeterFactory meters) => (_readings, _meters) = (readings, meters);

    /// <summary>Where each counter shows.</summary>
    internal static IReadOnlyDictionary<Counter, CounterPlace> Places { get; } = new Dictionary<Counter, CounterPlace>
    {
        [Counter.RefusedNoBackend] = new("datapath.dial.refused", "{dial}", "Dials that were refused, by reason.", "no_backend"),
        [Counter.RefusedNoMemory] = new("datapath.dial.refused", "{dial}", "Dials that were refused, by reason.", "no_memory"),
        [Counter.PeerNotKept] = new("datapath.dial.peer_not_kept", "{dial}", "TCP dials whose getpeername() tells the backend, because memory was short."),
        [Counter.ReplyStale] = new("datapath.reply.stale", "{reply}", "Replies that kept their address, because their service is gone or was replaced."),
        [Counter.LookupRepeated] = new("datapath.lookup.repeated", "{lookup}", "Lookups that were repeated, because frontends were written at the same time."),
        [Counter.RefusedBind] = new("datapath.bind.refused", "{call}", "Calls of bind() that were refused, because a service is served there."),
        [Counter.EventLost] = new("datapath.monitor.lost", "{dial}", "Dials that a listener asked for and that found no room."),
    };

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (_readings is null)
            return Task.CompletedTask;
        var meter = _meters.Create(DatapathMetrics.MeterName);
        _instruments = new(meter, Places.Select(static p => KeyValuePair.Create(p.Key.ToString(), p.Value)), _readings.Counters);
        MapInstruments.Add(meter, _instruments, _readings.Maps);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        _instruments?.Dispose();
        _sockets?.Dispose();
    }
}
