using Datapath.Policy;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Datapath.Hosting.Tests.Lab;

/// <summary>A generic host with a datapath whose engine is a fake.</summary>
internal sealed class HostLab : IAsyncDisposable
{
    public HostLab(Action<IDatapathBuilder> configure, TimeProvider? time = null, FakeNodeAddresses? addresses = null, Action<DatapathOptions>? options = null)
    {
        Addresses = addresses ?? new();
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new());
        builder.Logging.AddProvider(Log).SetMinimumLevel(LogLevel.Trace);
        builder.Services.AddSingleton<IDatapath>(_ => Datapath); // made by the host, so disposed by it
        builder.Services.AddSingleton<IMasquerade>(_ => Masquerade);
        builder.Services.AddSingleton<INodeAddresses>(Addresses);
        if (time is not null)
            builder.Services.AddSingleton(time);
        configure(builder.Services.AddDatapath(options));
        builder.Services.AddHealthChecks().AddDatapath();
        Host = builder.Build();
    }

    public HostLab(params IObjectSource[] sources)
        : this(builder => Array.ForEach(sources, source => builder.AddSource(_ => source)))
    {
    }

    public HostLab(FakeNodeAddresses addresses, IObjectSource source)
        : this(builder => builder.AddSource(_ => source), addresses: addresses)
    {
    }

    public IHost Host { get; }

    public FakeDatapath Datapath { get; } = new();

    public FakeMasquerade Masquerade { get; } = new();

    public FakeNodeAddresses Addresses { get; }

    public FakeLog Log { get; } = new();

    public DatapathMonitor Monitor => Host.Services.GetRequiredService<DatapathMonitor>();

    public Task<DatapathSnapshot> SyncedAsync() => Monitor.WaitForAsync(static s => s.IsSynced, Deadline.Token);

    public async Task<(HealthStatus Status, string? Description)> HealthAsync()
    {
        var report = await Host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Deadline.Token);
        var entry = report.Entries["datapath"];
        return (entry.Status, entry.Description);
    }

    public async ValueTask DisposeAsync()
    {
        await Host.StopAsync();
        Host.Dispose();
    }
}
