using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Datapath.Hosting.Tests.Lab;
using Datapath.Policy;
using Microsoft.Extensions.DependencyInjection;

namespace Datapath.Hosting.Tests;

internal sealed class MetricsTests
{
    private readonly ConcurrentDictionary<string, (string? Unit, double Sum, int Count)> _seen = [];

    private MeterListener Listen(IMeterFactory meters)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == DatapathMetrics.MeterName && instrument.Meter.Scope == meters) // not those of other tests
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => Add(instrument, value));
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => Add(instrument, value));
        listener.Start();
        return listener;
    }

    private void Add(Instrument instrument, double value) =>
        _seen.AddOrUpdate(instrument.Name, (instrument.Unit, value, 1), (_, seen) => (seen.Unit, seen.Sum + value, seen.Count + 1));

    [Test]
    public async Task What_was_applied_removed_refused_and_how_long_it_took_is_measured()
    {
        var time = new FakeTimeProvider();
        var source = new FakeSource();
        await using var lab = new HostLab(builder => builder.AddSource(_ => source), time);
        using var listener = Listen(lab.Host.Services.GetRequiredService<IMeterFactory>());
        lab.Datapath.Refused["bad"] = ("port 0", IsTransient: false);
        lab.Datapath.OnCall = () => time.Advance(TimeSpan.FromSeconds(2));
        await lab.Host.StartAsync();
        source.Tell(new ObjectBatch(
            [Objects.Service("a", 1), Objects.Service("b", 2), Objects.Service("bad", 3)], [], [new() { Severity = DiagnosticSeverity.Error, Reason = "is garbled" }]));
        _ = await lab.SyncedAsync();
        source.Tell(ObjectBatch.Delete(Objects.Key("a"), Objects.Key("bad")));
        _ = await lab.Monitor.WaitForAsync(static s => s.Generation == 2, Deadline.Token);
        source.Tell(Objects.Service("rejected", 4) with { Spec = new() { ClusterIP = "10.96.0.400", Ports = [new() { Port = 80 }] } });
        _ = await lab.Monitor.WaitForAsync(static s => s.Generation == 3, Deadline.Token);
        Assert.Multiple(() =>
        {
            Assert.That(_seen["datapath.frontend.written"], Is.EqualTo(("{frontend}", 2d, 2)));
            Assert.That(_seen["datapath.frontend.removed"], Is.EqualTo(("{frontend}", 2d, 2)));
            Assert.That(_seen["datapath.frontend.failed"], Is.EqualTo(("{frontend}", 1d, 2)));
            Assert.That(_seen["datapath.object.refused"], Is.EqualTo(("{object}", 2d, 2)));
            Assert.That(_seen["datapath.apply.duration"], Is.EqualTo(("s", 4d, 2)));
            Assert.That((_seen["datapath.reconcile.duration"].Unit, _seen["datapath.reconcile.duration"].Sum), Is.EqualTo(("s", 4d)));
        });
    }
}
