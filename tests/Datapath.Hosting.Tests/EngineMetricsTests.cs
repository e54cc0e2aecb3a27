using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using Datapath.BpfObjects.Layout;
using Datapath.Hosting.Tests.Lab;
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
            new EngineReadings(
                () =>
                {
                    reads++;
                    return Enum.GetValues<Counter>().ToDictionary(static c => c.ToString(), static c => 10L + (int)c);
                },
                static () => [new("dp_slots4", 7, 63)]),
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
            ["datapath.map.usage {entry} datapath.map=dp_slots4"] = 7,
            ["datapath.map.limit {entry} datapath.map=dp_slots4"] = 63,
            ["datapath.monitor.lost {dial}"] = 16,
            ["datapath.reply.stale {reply}"] = 13,
        }));
        var before = reads;
        await metrics.StopAsync(CancellationToken.None);
        _seen.Clear();
        listener.RecordObservableInstruments();
        Assert.That((_seen.Count, reads), Is.EqualTo((0, before)));
    }

    [Test]
    public async Task The_counters_of_masquerading_show_as_far_as_its_engine_has_them_and_so_do_its_flows()
    {
        using var provider = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = provider.GetRequiredService<IMeterFactory>();
        using var listener = Listen(meters);
        using var masquerade = new FakeMasquerade { Counters = ImmutableSortedDictionary<string, long>.Empty.Add("Flows", 7).Add("RefusedNoPort", 3).Add("Else", 1) };
        var options = new DatapathOptions();
        options.Masquerade.Enabled = true;
        using var metrics = new MasqueradeMetrics(masquerade, Microsoft.Extensions.Options.Options.Create(options), meters);
        await metrics.StartAsync(CancellationToken.None);
        listener.RecordObservableInstruments();
        Assert.That(_seen, Is.EqualTo(new Dictionary<string, long>
        {
            ["datapath.masquerade.flow.active {flow}"] = 0,
            ["datapath.masquerade.flow.created {flow}"] = 7,
            ["datapath.masquerade.packet.refused {packet} datapath.reason=no_port"] = 3,
        }));
        await metrics.StopAsync(CancellationToken.None);
        _seen.Clear();
        listener.RecordObservableInstruments();
        Assert.That(_seen, Is.Empty);
    }

    [Test]
    public void Every_counter_of_the_engine_of_masquerading_has_a_place() =>
        Assert.That(MasqueradeMetrics.Places.Keys, Is.SupersetOf(Enum.GetNames<NatCounter>()));

    [Test]
    public async Task Without_masquerading_there_are_no_counters_of_it()
    {
        using var provider = new ServiceCollection().AddMetrics().BuildServiceProvider();
        using var listener = Listen(provider.GetRequiredService<IMeterFactory>());
        using var masquerade = new FakeMasquerade();
        using var metrics = new MasqueradeMetrics(masquerade, Microsoft.Extensions.Options.Options.Create(new DatapathOptions()), provider.GetRequiredService<IMeterFactory>());
        await metrics.StartAsync(CancellationToken.None);
        listener.RecordObservableInstruments();
        Assert.That((_seen.Count, masquerade.Looks), Is.EqualTo((0, 0)));
    }
}
