using System.Net;
using System.Text.Json.Nodes;
using Datapath.Hosting;
using Datapath.Hosting.Tests.Lab;
using Datapath.Policy;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Datapath.Kubernetes.Tests.Lab;

/// <summary>A host that follows a server, whose engine is a fake.</summary>
internal sealed class KubernetesLab : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private HostLab? _host; // the newest

    private KubernetesLab(ApiServer server) => Server = server;

    /// <summary>A lab with an empty cluster of one node.</summary>
    public static async Task<KubernetesLab> StartAsync(IPAddress? address = null, HttpProtocols protocols = HttpProtocols.Http1AndHttp2)
    {
        var lab = new KubernetesLab(await ApiServer.StartAsync(address, protocols));
        lab.Put("nodes", """{ "metadata": { "name": "node-a" } }""");
        return lab;
    }

    public ApiServer Server { get; }

    public HostLab Host => _host ?? throw new InvalidOperationException("the host was not started");

    public FakeDatapath Datapath => Host.Datapath;

    /// <summary>Patience of tests, not of clusters.</summary>
    public KubernetesTimings Timings { get; set; } = new()
    {
        FirstRetry = TimeSpan.FromMilliseconds(20),
        LongestRetry = TimeSpan.FromMilliseconds(200),
        LookForKind = TimeSpan.FromMilliseconds(50),
        CredentialAge = TimeSpan.FromHours(1),
        BetweenWrites = TimeSpan.FromMilliseconds(1),
        BetweenWritesOfOne = TimeSpan.FromMilliseconds(20),
    };

    /// <summary>Sets options of the cluster.</summary>
    public Action<KubernetesOptions>? Configure { get; set; }

    /// <summary>Adds sources that go before the cluster.</summary>
    public Action<IDatapathBuilder>? Build { get; set; }

    /// <summary>The user in the kubeconfig, as YAML on a line.</summary>
    public string User { get; set; } = "{ token: secret }";

    /// <summary>What the kubeconfig says of the cluster beside server and certificate authority, as YAML on a line.</summary>
    public string Cluster { get; set; } = "";

    public string Write(string name, string content)
    {
        var path = Path.Combine(_folder.Path, name);
        File.WriteAllText(path, content);
        return path;
    }

    public string WriteKubeConfig() => Write("config", $$"""
        apiVersion: v1
        kind: Config
        current-context: test
        clusters:
          - name: here
            cluster: { server: "{{Server.Url}}", certificate-authority: ca.crt{{(Cluster.Length > 0 ? ", " + Cluster : "")}} }
        users:
          - name: me
            user: {{User}}
        contexts:
          - name: test
            context: { cluster: here, user: me }
        """);

    /// <summary>Starts the host, without waiting for anything.</summary>
    public async Task<HostLab> RunAsync()
    {
        Write("ca.crt", Server.Authority.Pem);
        var config = WriteKubeConfig();
        _host = new(
            builder =>
            {
                Build?.Invoke(builder);
                builder.AddKubernetes(options =>
                {
                    (options.KubeConfig, options.Timings) = (config, Timings);
                    Configure?.Invoke(options);
                });
            },
            options: static options => options.Node.Name = "node-a");
        await _host.Host.StartAsync();
        return _host;
    }

    /// <summary>Starts the host, and waits until it follows everything.</summary>
    public async Task RunToWatchAsync()
    {
        await RunAsync();
        await Host.SyncedAsync();
        await Deadline.UntilAsync(
            () => Host.Monitor.Kubernetes.All(static kind => kind.State is KubernetesKindState.Watching or KubernetesKindState.NotInstalled), "everything is followed");
    }

    public Task SyncedToAsync(string services) =>
        Deadline.UntilAsync(() => Services == services, $"services {services}; there are {Services}, and it was told {string.Join("; ", Host.Log.Bad)}");

    /// <summary>The names of the services that the engine has.</summary>
    public string Services => string.Join(' ', Datapath.State.Services.Keys.Select(static name => name.Name).Order(StringComparer.Ordinal));

    public KubernetesKindStatus Kind(ObjectKind kind) => Host.Monitor.Kubernetes.Single(status => status.Kind == kind);

    /// <summary>Waits: how a kind is followed is noted beside what is done with its objects.</summary>
    public Task KindIsAsync(ObjectKind kind, KubernetesKindState state) =>
        Deadline.UntilAsync(() => Kind(kind).State == state, $"{kind} is {state}");

    public ApiResource Resource(string plural) => Server.Resources.Single(resource => resource.Plural == plural);

    public JsonObject Put(string plural, string json) => Server.Store.Put(Resource(plural), JsonNode.Parse(json)!.AsObject());

    public JsonObject PutService(string name, int port = 80, string labels = "{}", string address = "") => Put("services", $$"""
        {
          "metadata": { "name": "{{name}}", "namespace": "default", "labels": {{labels}}, "managedFields": [{ "manager": "kubectl", "fieldsV1": { "f:spec": {} } }] },
          "spec": { "clusterIP": "{{(address.Length > 0 ? address : $"10.96.0.{1 + (Math.Abs(name.Sum(static c => c)) % 250)}")}}", "type": "ClusterIP", "ports": [{ "port": {{port}}, "protocol": "TCP" }] }
        }
        """);

    public void DeleteService(string name) => Assert.That(Server.Store.Delete(Resource("services"), "default", name), Is.Not.Null);

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
            await _host.DisposeAsync();
        await Server.DisposeAsync();
        _folder.Dispose();
    }
}
