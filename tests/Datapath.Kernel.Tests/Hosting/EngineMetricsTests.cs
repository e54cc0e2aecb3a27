using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net.Sockets;
using Datapath.Hosting;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Datapath.Kernel.Tests.Hosting;

/// <summary>What the programs count is measured by the host.</summary>
[TestFixture]
internal sealed class EngineMetricsTests
{
    [Test]
    public async Task A_refused_dial_shows_on_the_meter()
    {
        using var lab = new ServiceLab(servers: 0);
        var builder = Host.CreateEmptyApplicationBuilder(new());
        _ = builder.Services.AddSingleton<IDatapath>(lab.Datapath).AddDatapath(static options => options.Node.Addresses = []);
        using var host = builder.Build();
        await host.StartAsync();
        _ = await host.Services.GetRequiredService<DatapathMonitor>().WaitForAsync(static s => s.IsSynced);
        _ = lab.Apply(ServiceLab.Service(1)); // after the host has found that nothing is wanted
        long refused = -1;
        using var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument is { Meter.Name: DatapathMetrics.MeterName, Name: "datapath.dial.refused" })
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) => refused = tags[0].Value is "no_backend" ? value : refused);
        listener.Start();
        listener.RecordObservableInstruments();
        var before = refused;
        Assert.That(lab.Pods[1].Run(static () => Dial.Tcp(ServiceLab.ServiceV4())).Errno, Is.EqualTo(Errno.ECONNREFUSED));
        listener.RecordObservableInstruments();
        Assert.That(refused - before, Is.EqualTo(1), "the dials of the self-test came before");
        await host.StopAsync();
    }

    [Test]
    public async Task Stale_sockets_that_are_destroyed_and_maps_that_fill_show_on_the_meter()
    {
        using var lab = new ServiceLab(servers: 3, static options => options, havePodsNames: true); // sockets are looked for in namespaces that have a name
        var builder = Host.CreateEmptyApplicationBuilder(new());
        _ = builder.Services.AddSingleton<IDatapath>(lab.Datapath).AddDatapath(static options => options.Node.Addresses = []);
        using var host = builder.Build();
        var seen = new ConcurrentDictionary<string, long>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == DatapathMetrics.MeterName && ReferenceEquals(instrument.Meter.Scope, host.Services.GetRequiredService<IMeterFactory>()))
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
            seen.AddOrUpdate($"{instrument.Name} {(tags.Length > 0 ? tags[0].Value : "")}", value, (_, sum) => instrument.IsObservable ? value : sum + value));
        listener.Start();
        await host.StartAsync();
        _ = await host.Services.GetRequiredService<DatapathMonitor>().WaitForAsync(static s => s.IsSynced);
        _ = lab.Apply(ServiceLab.Service(1, 2));
        listener.RecordObservableInstruments();
        var before = seen.ToDictionary();
        lab.Pods[1].Run(() =>
        {
            using var socket = new RawSocket(AddressFamily.InterNetworkV6, SocketType.Dgram);
            Assert.That(socket.Connect(SocketName.Of(ServiceLab.ServiceV6(), ServiceLab.ServicePort)), Is.EqualTo(Errno.None));
            _ = lab.Apply(ServiceLab.Service(1, 3), ServiceLab.Service(2, 3));
            Eventually.True(
                () => seen.GetValueOrDefault("datapath.socket.destroyed udp") == 1 && seen.ContainsKey("datapath.socket.destroyed tcp"),
                "the socket is destroyed");
        });
        listener.RecordObservableInstruments();
        Assert.That(seen["datapath.socket.destroyed tcp"], Is.Zero);
        Assert.That(seen["datapath.map.usage dp_frontends4"] - before["datapath.map.usage dp_frontends4"], Is.EqualTo(2), "a second service, with TCP and UDP");
        Assert.That(seen["datapath.map.usage dp_slots6"], Is.GreaterThan(0).And.LessThan(seen["datapath.map.limit dp_slots6"]));
        await host.StopAsync();
    }
}
