using Datapath.Hosting.Tests.Lab;
using Datapath.Policy;
using Microsoft.Extensions.DependencyInjection;

namespace Datapath.Hosting.Tests.Client;

/// <summary>A host with a client, and an engine that is a fake.</summary>
internal sealed class ClientLab : IAsyncDisposable
{
    public ClientLab(Action<IDatapathBuilder>? build = null, Action<DatapathOptions>? options = null) => Host = new(
        builder =>
        {
            build?.Invoke(builder);
            builder.AddClient().AddClient();
        },
        options: options);

    public HostLab Host { get; }

    public DatapathClient Client => Host.Host.Services.GetRequiredService<DatapathClient>();

    public static ServiceName Web { get; } = new("shop", "web");

    public static ServiceBuilder Service(string name = "web", string address = "10.96.0.1") => new ServiceBuilder("shop", name).ClusterIP(address).Port(80, 8080);

    public static async Task<ClientLab> StartAsync(Action<IDatapathBuilder>? build = null, Action<DatapathOptions>? options = null)
    {
        var lab = new ClientLab(build, options);
        await lab.Host.Host.StartAsync();
        return lab;
    }

    /// <summary>The backends that the engine holds of a service, with weights and states other than the usual ones.</summary>
    public string Backends(string service = "web") => Host.Datapath.State.Services.TryGetValue(new("shop", service), out var found)
        ? string.Join(' ', found.Frontends[0].Backends.OrderBy(static backend => backend.Address).Select(static backend =>
            $"{backend.Address.Address}{(backend.Weight == 100 ? "" : $"*{backend.Weight}")}{(backend.State is BackendState.Active ? "" : $"({backend.State})")}"))
        : "none";

    public ValueTask DisposeAsync() => Host.DisposeAsync();
}
