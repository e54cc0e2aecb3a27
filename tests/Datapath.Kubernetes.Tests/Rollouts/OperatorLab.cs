using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Datapath.Hosting;
using Datapath.Hosting.Tests.Lab;
using Datapath.Operator.Rollouts;
using Microsoft.Extensions.DependencyInjection;

namespace Datapath.Kubernetes.Tests.Rollouts;

/// <summary>The operator of the samples beside a server. Its engine is a fake.</summary>
internal sealed class OperatorLab : IAsyncDisposable
{
    public static readonly ApiResource Resource = new(Rollout.Group, "v1", "rollouts", "Rollout", IsNamespaced: true);

    private readonly TempFolder _folder = new();
    private readonly KubernetesCluster _cluster;
    private CancellationTokenSource _end = new();
    private Task _running = Task.CompletedTask;

    private OperatorLab(ApiServer server)
    {
        Server = server;
        Server.Resources.Add(Resource);
        _folder.Write("config", server.ToKubeConfig());
        _cluster = KubernetesCluster.Open(new()
        {
            KubeConfig = _folder.At("config"),
            Timings = new() { FirstRetry = TimeSpan.FromMilliseconds(20), LongestRetry = TimeSpan.FromMilliseconds(200) },
        });
    }

    public ApiServer Server { get; }

    /// <summary>The engine of the operator that runs, or ran last.</summary>
    public FakeDatapath Datapath { get; private set; } = new();

    public ConcurrentQueue<string> Told { get; } = [];

    public static async Task<OperatorLab> StartAsync()
    {
        var lab = new OperatorLab(await ApiServer.StartAsync());
        lab.Start();
        return lab;
    }

    public void Start(FakeDatapath? engine = null)
    {
        Datapath = engine ?? new();
        _end = new();
        _running = RolloutOperator.RunAsync(
            _cluster,
            static _ => { },
            builder => builder.Services.AddSingleton<IDatapath>(Datapath).AddSingleton<INodeAddresses>(new FakeNodeAddresses()).AddSingleton<IMasquerade>(new FakeMasquerade()),
            Told.Enqueue,
            _end.Token);
    }

    public async Task StopAsync()
    {
        await _end.CancelAsync();
        Assert.That(async () => await _running, Throws.InstanceOf<OperationCanceledException>());
        _end.Dispose();
        _running = Task.CompletedTask;
    }

    /// <summary>Makes a rollout of some addresses of documentation, or changes fields of it.</summary>
    public void Apply(string name, string spec)
    {
        var before = Find(name) ?? new() { ["metadata"] = new JsonObject { ["namespace"] = "default", ["name"] = name } };
        _ = Server.Store.Put(Resource, MergePatch.Apply(before, new JsonObject { ["spec"] = JsonNode.Parse(spec) })!.AsObject());
    }

    public void ApplyShop() => Apply("shop", """{ "addresses": ["192.0.2.1"], "port": 80, "stable": ["198.51.100.1"], "canary": ["198.51.100.2"], "weight": 20, "drainSeconds": 30 }""");

    public void Delete(string name) => Assert.That(Server.Store.Delete(Resource, "default", name), Is.Not.Null);

    public JsonObject? Find(string name) => Server.Store.Find(Resource, "default", name);

    public string? Message(string name) => (string?)Find(name)?["status"]?["message"];

    /// <summary>Sets how many connections there are to backends of a service.</summary>
    public void Connect(string service, params (string Backend, int Count)[] connections) => Datapath.Connections =
        [.. connections.Select(item => new BackendConnections(new("default", service), new(IPAddress.Parse(item.Backend), 80, L4Protocol.Tcp), item.Count))];

    /// <summary>Waits until the status is about the object as it is now, of a phase, and has some words in its message.</summary>
    public async Task StatusAsync(string name, RolloutPhase phase, string words = "")
    {
        await Deadline.UntilAsync(
            () => Find(name) is { } item && (long?)item["status"]?["observedGeneration"] == (long)item["metadata"]!["generation"]! && (string?)item["status"]?["phase"] == phase.ToString()
                && Message(name)!.Contains(words, StringComparison.Ordinal),
            $"{name} is {phase} with '{words}' and not {Find(name)?["status"]?.ToJsonString()}; {string.Join("; ", Told)}; {_running.Exception?.Message}");
    }

    /// <summary>The backends that the engine has of a service, with weights and states other than the usual ones.</summary>
    public string Backends(string service) => Datapath.State.Services.TryGetValue(new("default", service), out var found)
        ? string.Join(' ', found.Frontends.SelectMany(static frontend => frontend.Backends).OrderBy(static backend => backend.Address).Select(static backend =>
            $"{backend.Address.Address}*{backend.Weight}{(backend.State is BackendState.Active ? "" : $"({backend.State})")}"))
        : "none";

    public Task BackendsAsync(string service, string backends) =>
        Deadline.UntilAsync(() => Backends(service) == backends, $"{backends}; it has {Backends(service)}, {string.Join("; ", Told)}, {_running.Exception?.Message}");

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _cluster.Dispose();
        await Server.DisposeAsync();
        _folder.Dispose();
    }
}
