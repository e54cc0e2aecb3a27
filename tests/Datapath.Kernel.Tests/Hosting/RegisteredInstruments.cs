using System.Diagnostics.Metrics;
using Datapath.Hosting;
using Datapath.Kernel.Tests.Lab;
using Datapath.Kernel.Tests.Masquerade;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Datapath.Kernel.Tests.Hosting;

/// <summary>The instruments that real hosts register: one that serves, and one that masquerades by eBPF.</summary>
internal static class RegisteredInstruments
{
    public static async Task<List<Instrument>> ReadAsync()
    {
        using var services = new ServiceLab(servers: 0);
        using var nat = new NatLab();
        return
        [
            .. await ReadAsync(builder => builder.AddSingleton<IDatapath>(services.Datapath), static _ => { }),
            .. await ReadAsync(
                builder => builder.AddSingleton<IMasquerade>(nat.Masquerade),
                static options =>
                {
                    options.EnableServices = false;
                    options.Masquerade.Enabled = true;
                }),
        ];
    }

    private static async Task<List<Instrument>> ReadAsync(Action<IServiceCollection> engine, Action<DatapathOptions> options)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        engine(builder.Services);
        _ = builder.Services.AddDatapath(all =>
        {
            all.Node.Addresses = [];
            options(all);
        });
        using var host = builder.Build();
        var meters = host.Services.GetRequiredService<IMeterFactory>();
        var seen = new List<Instrument>();
        await host.StartAsync();
        _ = await host.Services.GetRequiredService<DatapathMonitor>().WaitForAsync(static s => s.IsSynced);
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Name == DatapathMetrics.MeterName && ReferenceEquals(instrument.Meter.Scope, meters))
                    seen.Add(instrument);
            },
        };
        listener.Start();
        await host.StopAsync();
        return seen;
    }
}
