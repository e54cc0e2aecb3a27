using System.Diagnostics.Metrics;
using Datapath.Hosting;
using Datapath.Kernel.Tests.Lab;
using Datapath.Kernel.Tests.Masquerade;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Datapath.Kernel.Tests.Hosting;

/// <summary>The instruments that real hosts register: one that serves, one that masquerades by eBPF, and one that follows a cluster.</summary>
internal static class RegisteredInstruments
{
    /// <summary>A server that nobody reaches: its instruments are there from the start.</summary>
    private const string KubeConfig = """
        current-context: nowhere
        clusters: [{ name: nowhere, cluster: { server: "https://127.0.0.1:1", insecure-skip-tls-verify: true } }]
        users: [{ name: nobody, user: { token: none } }]
        contexts: [{ name: nowhere, context: { cluster: nowhere, user: nobody } }]
        """;

    public static async Task<List<Instrument>> ReadAsync()
    {
        using var services = new ServiceLab(servers: 0);
        using var nat = new NatLab();
        var kubeconfig = Path.GetTempFileName();
        await File.WriteAllTextAsync(kubeconfig, KubeConfig);
        try
        {
            return await ReadAsync(services, nat, kubeconfig);
        }
        finally
        {
            File.Delete(kubeconfig);
        }
    }

    private static async Task<List<Instrument>> ReadAsync(ServiceLab services, NatLab nat, string kubeconfig) =>
    [
        .. await ReadAsync(builder => builder.AddSingleton<IDatapath>(services.Datapath), static _ => { }),
        .. await ReadAsync(
            builder => builder.AddSingleton<IMasquerade>(nat.Masquerade),
            static options =>
            {
                options.EnableServices = false;
                options.Masquerade.Enabled = true;
            }),
        .. await ReadAsync(
            builder => builder.AddSingleton<IDatapath>(services.Datapath),
            options =>
            {
                options.Kubernetes.Enabled = true;
                options.Kubernetes.KubeConfig = kubeconfig;
            }),
    ];

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
        if (!host.Services.GetRequiredService<IOptions<DatapathOptions>>().Value.Kubernetes.Enabled)
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
