using System.Text.Json.Nodes;
using Datapath.Hosting;
using Datapath.Hosting.Tests.Lab;
using Microsoft.Extensions.Logging;

namespace Datapath.Kubernetes.Tests.Kinds;

/// <summary>A program that follows a kind of its own, and what it knows of the objects.</summary>
internal sealed class KindLab : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly CancellationTokenSource _end = new();
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, KubernetesItem<Widget>> _known = new(StringComparer.Ordinal);
    private readonly List<string> _steps = [];
    private KubernetesCluster? _cluster;
    private Task _reading = Task.CompletedTask;

    private KindLab(ApiServer server) => Server = server;

    public ApiServer Server { get; }

    public FakeLog Log { get; } = new();

    public KubernetesCluster Cluster => _cluster ?? throw new InvalidOperationException("not opened");

    public KubernetesWatch<Widget> Watch { get; private set; } = null!;

    /// <summary>The steps: <c>+a +b -c</c>.</summary>
    public string[] Steps
    {
        get
        {
            lock (_gate)
                return [.. _steps];
        }
    }

    /// <summary>What is known: <c>a=1 b=2</c>.</summary>
    public string Known
    {
        get
        {
            lock (_gate)
                return string.Join(' ', _known.Select(static item => $"{item.Key}={item.Value.Object?.Spec.Size.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? item.Value.Problem}"));
        }
    }

    public KubernetesItem<Widget> this[string name]
    {
        get
        {
            lock (_gate)
                return _known[name];
        }
    }

    public static async Task<KindLab> StartAsync(Action<KubernetesOptions>? configure = null, bool isInstalled = true)
    {
        var lab = new KindLab(await ApiServer.StartAsync());
        if (isInstalled)
            lab.Server.Resources.Add(Widget.Resource);
        var options = new KubernetesOptions
        {
            KubeConfig = lab._folder.At("config"),
            Timings = new() { FirstRetry = TimeSpan.FromMilliseconds(20), LongestRetry = TimeSpan.FromMilliseconds(200), LookForKind = TimeSpan.FromMilliseconds(50) },
        };
        configure?.Invoke(options);
        lab._folder.Write("config", lab.Server.ToKubeConfig());
        lab._cluster = KubernetesCluster.Open(options, LoggerFactory.Create(logging => logging.AddProvider(lab.Log).SetMinimumLevel(LogLevel.Trace)));
        return lab;
    }

    /// <summary>Begins to read.</summary>
    public KindLab Read(string? @namespace = null, string? labelSelector = null)
    {
        Watch = Cluster.Watch(Widget.Kind, @namespace, labelSelector);
        _reading = ReadAsync();
        return this;
    }

    public JsonObject Put(string name, int size, string labels = "{}", string space = "default") => Put(name, $$"""{ "size": {{size}} }""", labels, space);

    public JsonObject Put(string name, string spec, string labels = "{}", string space = "default") => Server.Store.Put(
        Widget.Resource, JsonNode.Parse($$"""{ "metadata": { "name": "{{name}}", "namespace": "{{space}}", "labels": {{labels}} }, "spec": {{spec}} }""")!.AsObject());

    public void Delete(string name) => Assert.That(Server.Store.Delete(Widget.Resource, "default", name), Is.Not.Null);

    public Task KnownAsync(string known) =>
        Deadline.UntilAsync(() => Known == known && Steps.Length > 0, $"'{known}'; it is '{Known}', {Watch.Status}, and it was told {string.Join("; ", Log.Bad)}");

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _cluster?.Dispose();
        await Server.DisposeAsync();
        _end.Dispose();
        _folder.Dispose();
    }

    private async Task ReadAsync()
    {
        await foreach (var batch in Watch.ReadAllAsync(_end.Token))
        {
            lock (_gate)
            {
                foreach (var gone in batch.Deleted)
                    Assert.That(_known.Remove(gone.Name));
                foreach (var item in batch.Upserted)
                    _known[item.Metadata.Name] = item;
                _steps.Add(string.Join(' ', batch.Upserted.Select(static item => "+" + item.Metadata.Name).Concat(batch.Deleted.Select(static gone => "-" + gone.Name))));
            }
        }
    }
}
