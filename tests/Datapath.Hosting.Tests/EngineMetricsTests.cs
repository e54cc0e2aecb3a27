using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Counter = Datapath.BpfObjects.Layout.Counter;

namespace Datapath.Hosting.Tests;

/// <summary>The programs' counters, on the meter of the package.</summary>
internal sealed class EngineMetricsTests
{
    private readonly SortedDictionary<string, long> _seen = new(StringComparer.Ordinal);

    private MeterListener Listen(IMeterFactory meters)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == DatapathMetrics.MeterName && instrument.Meter.Scope == meters)
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
            _seen.Add($"{instrument.Name} {instrument.Unit}{string.Concat(tags.ToArray().Select(static t => $" {t.Key}={t.Value}"))}", value));
        listener.Start();
        return listener;
    }

    [Test]
    public void Every_counter_has_a_place() =>
        Assert.That(EngineMetrics.Places.Keys, Is.EquivalentTo(Enum.GetValues<Counter>()));

    [Test]
    public async Task Each_counter_is_read_when_somebody_collects_and_no_more_after_the_end()
    {
        using var provider = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = provider.GetRequiredService<IMeterFactory>();
        using var listener = Listen(meters);
        var reads = 0;
        using var metrics = new EngineMetrics(
            () =>
            {
                reads++;
                return Enum.GetValues<Counter>().ToDictionary(static c => c.ToString(), static c => 10L + (int)c);
            },
            meters);
        await metrics.StartAsync(CancellationToken.None);
        Assert.That(reads, Is.Zero);
        listener.RecordObservableInstruments();
        Assert.That(_seen, Is.EqualTo(new Dictionary<string, long>
        {
            ["datapath.bind.refused {call}"] = 15,
            ["datapath.dial.peer_not_kept {dial}"] = 12,
            ["datapath.dial.refused {dial} datapath.reason=no_backend"] = 10,
            ["datapath.dial.refused {dial} datapath.reason=no_memory"] = 11,
            ["datapath.lookup.repeated {lookup}"] = 14,
            ["datapath.monitor.lost {dial}"] = 16,
            ["datapath.reply.stale {reply}"] = 13,
        }));
        var before = reads;
        await metrics.StopAsync(CancellationToken.None);
        _seen.Clear();
        listener.RecordObservableInstruments();
        Assert.That((_seen.Count, reads), Is.EqualTo((0, before)));
    }
}
