using System.Diagnostics.Metrics;
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
}
