using System.Diagnostics.Metrics;
using Datapath.Linux;
using Microsoft.Extensions.Hosting;
using Counter = Datapath.BpfObjects.Layout.Counter;

namespace Datapath.Hosting;

/// <summary>What the engine's programs count, read from the kernel when somebody collects. Another engine than that of Linux has no such counters.</summary>
internal sealed class EngineMetrics : IHostedService, IDisposable
{
    private readonly Func<IReadOnlyDictionary<string, long>>? _read;
    private readonly IMeterFactory _meters;
    private CounterInstruments? _instruments;

    public EngineMetrics(IDatapath datapath, IMeterFactory meters)
        : this((datapath as LinuxDatapath) is { } linux ? linux.ReadCounters : null, meters)
    {
    }

    internal EngineMetrics(Func<IReadOnlyDictionary<string, long>>? read, IMeterFactory meters) => (_read, _meters) = (read, meters);

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
        if (_read is not null)
            _instruments = new(_meters.Create(DatapathMetrics.MeterName), Places.Select(static p => KeyValuePair.Create(p.Key.ToString(), p.Value)), _read);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    public void Dispose() => _instruments?.Dispose();
}
