using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Datapath.Hosting;
using Datapath.Linux;
using Datapath.Linux.Namespaces;
using Datapath.Operator.Rollouts;
using Datapath.SampleCluster;
using Datapath.SampleNode;

namespace Datapath.Operator;

/// <summary>An operator, an API server and what they are about, in one process: objects are applied, the service is dialed, and the status is read.</summary>
internal sealed class Tour : IAsyncDisposable
{
    private const int Dials = 100;
    private static readonly ApiResource s_rollouts = new(Rollout.Group, "v1", "rollouts", "Rollout", IsNamespaced: true);
    private static readonly IPEndPoint[] s_service = [IPEndPoint.Parse("10.96.0.80:80"), IPEndPoint.Parse("[fd00:10:96::80]:80")];

    private readonly string _bpfRoot = $"/sys/fs/bpf/datapath-operator-{Environment.ProcessId}";
    private readonly DirectoryInfo _files = Directory.CreateTempSubdirectory("datapath-operator-");
    private readonly Transcript _transcript = new();
    private readonly List<Release> _releases = [];
    private readonly OwnCgroup _cgroup = new("datapath-operator");
    private readonly NodeNetwork _node = new("operator");
    private readonly ApiServer _server;
    private readonly NetworkNamespace _visitors;
    private KubernetesCluster? _cluster;
    private RolloutView? _view;
    private RunningOperator? _operator;

    private Tour(ApiServer server)
    {
        _server = server;
        _server.Resources.Add(s_rollouts);
        _visitors = _node.Join("visitors", IPAddress.Parse("10.244.0.2"), IPAddress.Parse("fd00:10:244::2"));
    }

    public static async Task<Tour> StartAsync(CancellationToken stop)
    {
        var tour = new Tour(await ApiServer.StartAsync());
        try
        {
            tour.StartRelease("blue", "10.244.0.11", "fd00:10:244::11");
            tour.StartRelease("green", "10.244.0.12", "fd00:10:244::12");
            var kubeConfig = Path.Combine(tour._files.FullName, "kubeconfig");
            await File.WriteAllTextAsync(kubeConfig, tour._server.ToKubeConfig(), stop);
            tour._cluster = KubernetesCluster.Open(new() { KubeConfig = kubeConfig });
            tour._view = new(tour._cluster, stop);
            return tour;
        }
        catch
        {
            await tour.DisposeAsync();
            throw;
        }
    }

    public async Task<bool> RunAsync(CancellationToken stop)
    {
        Transcript.Heading("A rollout becomes a service");
        StartOperator(stop);
        Apply("shop", """
            {
              "addresses": ["10.96.0.80", "fd00:10:96::80"], "port": 80, "targetPort": 8080,
              "stable": ["10.244.0.11", "fd00:10:244::11"], "canary": ["10.244.0.12", "fd00:10:244::12"], "weight": 0
            }
            """);
        await CheckPhaseAsync("shop", RolloutPhase.Stable);
        await CheckDialsAsync(greenLeast: 0, greenMost: 0, stop);
        using var early = await DialAsync("blue", stop);

        Transcript.Heading("The canary gets a fifth of the dials");
        Apply("shop", """{ "weight": 20 }""");
        await CheckPhaseAsync("shop", RolloutPhase.Progressing);
        await CheckDialsAsync(greenLeast: 1, greenMost: 60, stop);

        Transcript.Heading("What is wrong is refused, and changes nothing");
        Apply("shop", """{ "weight": 120 }""");
        await CheckPhaseAsync("shop", RolloutPhase.Refused, "spec.weight: 120 must be 0 to 100");
        await CheckDialsAsync(greenLeast: 1, greenMost: 60, stop);
        Apply("squatter", """{ "addresses": ["10.96.0.80"], "port": 80, "stable": ["10.244.0.2"] }""");
        await CheckPhaseAsync("squatter", RolloutPhase.Refused, "10.96.0.80");
        Delete("squatter");
        await CheckGoneAsync("squatter");

        Transcript.Heading("The operator is stopped, the server goes away, the service goes on; the next start adopts it");
        await StopOperatorAsync();
        await _server.PauseAsync();
        await CheckDialsAsync(greenLeast: 1, greenMost: 60, stop);
        await _server.ResumeAsync();
        Apply("shop", """{ "weight": 100 }""");
        StartOperator(stop);
        await CheckPhaseAsync("shop", RolloutPhase.Promoted);
        await CheckDialsAsync(greenLeast: Dials, greenMost: Dials, stop);

        Transcript.Heading("The old release leaves when its last connection has ended");
        Apply("shop", """{ "stable": ["10.244.0.12", "fd00:10:244::12"], "canary": [], "weight": 0 }""");
        await CheckPhaseAsync("shop", RolloutPhase.Draining, "10.244.0.11: no new connections");
        _transcript.Check(await early.AskAsync(stop) == "blue", "who is connected to blue goes on being answered by it");
        early.Dispose();
        await CheckPhaseAsync("shop", RolloutPhase.Stable);

        Transcript.Heading("A deleted rollout gets no new connections, and goes when its last has ended");
        using var last = await DialAsync("green", stop);
        Delete("shop");
        await CheckPhaseAsync("shop", RolloutPhase.Draining, "deleted");
        foreach (var address in s_service)
            _transcript.Check(await DialErrorAsync(address, stop) is SocketError.ConnectionRefused, $"a dial to {address} is refused");
        _transcript.Check(await last.AskAsync(stop) == "green", "who is connected goes on being answered");
        last.Dispose();
        await CheckGoneAsync("shop");
        return _transcript.IsAsExpected;
    }

    public async ValueTask DisposeAsync()
    {
        await StopOperatorAsync();
        if (_view is not null)
            await _view.DisposeAsync();
        _cluster?.Dispose();
        await _server.DisposeAsync();
        foreach (var release in _releases)
            release.Dispose();
        _ = PinnedDatapath.Uninstall(_bpfRoot);
        _node.Dispose();
        _cgroup.Dispose();
        _files.Delete(recursive: true);
    }

    private void StartRelease(string name, params string[] addresses)
    {
        var pod = _node.Join(name, [.. addresses.Select(IPAddress.Parse)]);
        foreach (var address in addresses)
            _releases.Add(new(pod, name, IPAddress.Parse(address)));
    }

    private void StartOperator(CancellationToken stop) => _operator = new(_cluster!, _cgroup.Path, _bpfRoot, stop);

    private async Task StopOperatorAsync()
    {
        if (_operator is not null)
            await _operator.DisposeAsync();
        _operator = null;
    }

    /// <summary>As <c>kubectl apply</c> does: makes the object, or changes the fields that are given.</summary>
    private void Apply(string name, string spec)
    {
        Transcript.Show($"apply {name}: {JsonNode.Parse(spec)!.ToJsonString()}");
        var patch = new JsonObject { ["spec"] = JsonNode.Parse(spec) };
        var before = _server.Store.Find(s_rollouts, "default", name) ?? new() { ["metadata"] = new JsonObject { ["namespace"] = "default", ["name"] = name } };
        _ = _server.Store.Put(s_rollouts, MergePatch.Apply(before, patch)!.AsObject());
    }

    private void Delete(string name)
    {
        Transcript.Show($"delete {name}");
        _ = _server.Store.Delete(s_rollouts, "default", name);
    }

    private async Task CheckPhaseAsync(string name, RolloutPhase phase, string words = "")
    {
        var wanted = _server.Store.Find(s_rollouts, "default", name)!["metadata"]!["generation"]!.GetValue<long>();
        var status = await _operator!.OrFailAsync(_view!.WaitAsync(
            name, item => item?.Object?.Status is { } now && now.ObservedGeneration == wanted && now.Phase == phase && now.Message.Contains(words, StringComparison.Ordinal)));
        _transcript.Check(true, $"status of {name}: {status!.Phase}, Ready={status.Conditions[0].Status}, generation {status.ObservedGeneration}: {status.Message}");
    }

    private async Task CheckGoneAsync(string name)
    {
        _ = await _operator!.OrFailAsync(_view!.WaitAsync(name, static item => item is null));
        _transcript.Check(true, $"{name} is gone");
    }

    private async Task CheckDialsAsync(int greenLeast, int greenMost, CancellationToken stop)
    {
        foreach (var address in s_service)
        {
            var greens = await Visitor.CountAsync(_visitors, address, "green", Dials, stop);
            _transcript.Check(greens >= greenLeast && greens <= greenMost, $"{Dials - greens} dials to {address} answered by blue, {greens} by green");
        }
    }

    private Task<Visitor> DialAsync(string name, CancellationToken stop) => Visitor.DialUntilAsync(_visitors, s_service[0], name, stop);

    private async Task<SocketError> DialErrorAsync(IPEndPoint address, CancellationToken stop)
    {
        try
        {
            using var visitor = await Visitor.DialAsync(_visitors, address, stop);
            return SocketError.Success;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode;
        }
    }
}
