using Datapath.Linux;
using Datapath.Policy;
using Datapath.SampleNode;

namespace Datapath.Quickstart;

/// <summary>A ClusterIP service from its manifest to real connections, scaled and redirected.</summary>
internal sealed class Tour : IDisposable
{
    private const int DialsPerRow = 12;

    private readonly OwnCgroup _cgroup = new("datapath-quickstart");
    private readonly Node _node;
    private readonly LinuxDatapath _datapath;
    private readonly PolicyCompiler _compiler = new(new() { Name = Manifests.NodeName });
    private readonly Client _client;
    private readonly Transcript _transcript = new();

    public Tour()
    {
        try
        {
            _node = new();
            _datapath = LinuxDatapath.Open(new() { CgroupRoot = _cgroup.Path, Lifetime = DatapathLifetime.Process, MaxFrontends = 1024, MaxSlots = 16384 });
        }
        catch
        {
            _node?.Dispose();
            _cgroup.Dispose();
            throw;
        }

        _client = new(_node.Client);
    }

    public async Task<bool> RunAsync(CancellationToken stop)
    {
        Transcript.Heading("The machine");
        Transcript.Show($"kernel {Environment.OSVersion.Version}, serving the processes of {_cgroup.Path}");
        foreach (var pod in _node.Pods)
            Transcript.Show($"pod {pod.Name}: {pod.V4}, {pod.V6}, HTTP on port {WebPod.HttpPort}, UDP on port {WebPod.UdpPort}");
        Transcript.Show("client: a network namespace of its own; no iptables, no nftables, no proxy");

        Transcript.Heading($"Service default/web with two pods: {Manifests.V4} and {Manifests.V6}, HTTP on port 80, UDP on port 53");
        Apply(Manifests.Service, Manifests.Slices(_node.Pods[..2]));
        await DialAllAsync(["red", "green"], stop);

        Transcript.Heading("Scaled to three pods");
        Apply(Manifests.Slices(_node.Pods));
        await DialAllAsync(["red", "green", "blue"], stop);

        Transcript.Heading("Two pods elsewhere, one on this node, and a policy that keeps dials on the node");
        Apply(Manifests.Slices(_node.Pods[..2]), Manifests.LocalPod(_node.Pods[2], isReady: true), Manifests.Redirect);
        await DialAllAsync(["blue"], stop);

        Transcript.Heading("The pod on this node is not ready: back to the others");
        Apply(Manifests.LocalPod(_node.Pods[2], isReady: false));
        await DialAllAsync(["red", "green"], stop);

        Transcript.Heading("Scaled to one pod");
        Apply(Manifests.Slices(_node.Pods[..1]));
        await DialAllAsync(["red"], stop);

        Transcript.Heading("Scaled to none");
        Apply(Manifests.Slices([]));
        await DialAllAsync([], stop);
        return _transcript.IsAsExpected;
    }

    public void Dispose()
    {
        _datapath.Dispose();
        _node.Dispose();
        _cgroup.Dispose();
    }

    private void Apply(params ReadOnlySpan<string> manifests)
    {
        foreach (var manifest in manifests)
        {
            var content = ManifestReader.Read(manifest, "quickstart.yaml");
            foreach (var diagnostic in content.Diagnostics)
                _transcript.Check(diagnostic.Severity is not DiagnosticSeverity.Error, diagnostic.ToString());
            var result = _datapath.Apply(_compiler.Apply(new ObjectBatch(content.Objects, [], [])).Changes);
            foreach (var failure in result.Failures)
                _transcript.Check(isRight: false, $"{failure.Frontend}: {failure.Reason}");
        }

        foreach (var frontend in _datapath.Read())
        {
            var backends = string.Join(", ", frontend.Backends.Select(static b => $"{b.Address} ({b.Share:P0})"));
            Transcript.Show($"in the kernel: {frontend.Address,-22} => {(backends.Length > 0 ? backends : "(none)")}");
        }
    }

    /// <summary>Dials by every kind of socket, and checks that exactly these pods answer.</summary>
    private async Task DialAllAsync(string[] expected, CancellationToken stop)
    {
        foreach (var kind in Enum.GetValues<SocketKind>())
        {
            Report("TCP", kind, await _client.GetAsync(kind, DialsPerRow, stop), expected);
            Report("UDP", kind, await _client.AskAsync(kind, DialsPerRow, stop), expected);
        }
    }

    private void Report(string protocol, SocketKind kind, Answers answers, string[] expected)
    {
        var isRight = answers.Error is null
            ? answers.Names.Keys.All(expected.Contains) && answers.Names.Values.Sum() == DialsPerRow && answers.AllFromService
            : expected.Length == 0;
        var said = answers.Error is { } error
            ? $"refused: {error}"
            : string.Join(", ", answers.Names.OrderBy(static n => n.Key, StringComparer.Ordinal).Select(static n => $"{n.Key} {n.Value}x")) + $"; the socket sees {answers.Peer}";
        _transcript.Check(isRight, $"{protocol} {Client.Describe(kind),-18} {said}");
    }
}
