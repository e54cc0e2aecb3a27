using System.Diagnostics.Metrics;
using Datapath.Linux;
using Microsoft.Extensions.Hosting;
using Counter = Datapath.BpfObjects.Layout.Counter;

namespace Datapath.Hosting;

/// <summary>What the engine's programs count, read from the kernel when somebody collects. Another engine than that of Linux has no such counters.</summary>
internal sealed class EngineMetrics : IHostedService, IDisposable
{
    /// <summary>What tells counters of one instrument apart.</summary>
    public const string ReasonTag = "datapath.reason";

    private readonly Lock _gate = new();
    private readonly Func<IReadOnlyDictionary<string, long>>? _read;
    private readonly IMeterFactory _meters;
    private bool _isEnded;

    public EngineMetrics(IDatapath datapath, IMeterFactory meters)
        : this((datapath as LinuxDatapath) is { } linux ? linux.ReadCounters : null, meters)
    {
    }

    internal EngineMetrics(Func<IReadOnlyDictionary<string, long>>? read, IMeterFactory meters) => (_read, _meters) = (read, meters);

    /// <summary>Where each counter shows: an instrument, its unit and description, and the reason by which the instrument tells it from others.</summary>
    internal static IReadOnlyDictionary<Counter, (string Instrument, string Unit, string Description, string? Reason)> Places { get; } =
        new Dictionary<Counter, (string, string, string, string?)>
        {
            [Counter.RefusedNoBackend] = ("datapath.dial.refused", "{dial}", "Dials that were refused, by reason.", "no_backend"),
            [Counter.RefusedNoMemory] = ("datapath.dial.refused", "{dial}", "Dials that were refused, by reason.", "no_memory"),
            [Counter.PeerNotKept] = ("datapath.dial.peer_not_kept", "{dial}", "TCP dials whose getpeername() tells the backend, because memory was short.", null),
            [Counter.ReplyStale] = ("datapath.reply.stale", "{reply}", "Replies that kept their address, because their service is gone or was replaced.", null),
            [Counter.LookupRepeated] = ("datapath.lookup.repeated", "{lookup}", "Lookups that were repeated, because frontends were written at the same time.", null),
            [Counter.RefusedBind] = ("datapath.bind.refused", "{call}", "Calls of bind() that were refused, because a service is served there.", null),
            [Counter.EventLost] = ("datapath.monitor.lost", "{dial}", "Dials that a listener asked for and that found no room.", null),
        };

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (_read is null)
            return Task.CompletedTask;
        var meter = _meters.Create(DatapathMetrics.MeterName);
        foreach (var places in Places.GroupBy(static p => p.Value.Instrument))
        {
            var (instrument, unit, description, _) = places.First().Value;
            (string, KeyValuePair<string, object?>[])[] counters =
            [
                .. places.Select(static p => (p.Key.ToString(), p.Value.Reason is { } reason ? new[] { KeyValuePair.Create(ReasonTag, (object?)reason) } : [])),
            ];
            _ = meter.CreateObservableCounter(instrument, () => Measure(counters), unit, description);
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    /// <summary>Reads no more. The instruments live as long as their meter, which the host ends after the engine.</summary>
    public void Dispose()
    {
        lock (_gate)
            _isEnded = true;
    }

    private Measurement<long>[] Measure((string Counter, KeyValuePair<string, object?>[] Tags)[] counters)
    {
        lock (_gate)
        {
            if (_isEnded)
                return [];
            var values = _read!();
            return [.. counters.Select(c => new Measurement<long>(values[c.Counter], c.Tags))];
        }
    }
}
