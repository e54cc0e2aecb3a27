using System.Net;
using System.Runtime.InteropServices;
using Datapath.Linux.Namespaces;
using Datapath.SampleNode;

namespace Datapath.MetadataProxy;

/// <summary>A node with a client and a proxy, the machine's metadata service, and a datapath that leads dials to the service to the proxy.</summary>
internal sealed class MetadataNode : IAsyncDisposable
{
    private readonly OwnCgroup _cgroup = new("metadata-proxy");
    private readonly Manifest _proxyManifest;
    private readonly NodeNetwork _node;
    private readonly HttpService? _server;
    private readonly PodProcess? _proxy;
    private HostedDatapath? _datapath;

    private MetadataNode(bool onHostNetwork)
    {
        try
        {
            _proxyManifest = onHostNetwork ? Manifests.HostProxy : Manifests.PodProxy;
            _node = new("metadata-proxy", Manifests.HostProxy.PodAddresses);
            ClientNetwork = _node.Join("checkout", Manifests.Client.PodAddresses);
            var proxyNetwork = onHostNetwork ? _node.Host : _node.Join("metadata-proxy", _proxyManifest.PodAddresses);
            foreach (var network in new HashSet<NetworkNamespace> { _node.Host, ClientNetwork, proxyNetwork })
                NodeNetwork.Route(network, MetadataServer.Address, MetadataServer.Gateway);
            _server = MetadataServer.Start(_node.Join("metadata", MetadataServer.Gateway, MetadataServer.Address));
            _proxy = PodProcess.Start(
                proxyNetwork,
                Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../../dotnet")),
                [Path.Combine(AppContext.BaseDirectory, "MetadataProxy.dll"), Proxy.Command],
                Proxy.ReadyText,
                _cgroup.AddPod(_proxyManifest.PodUid));
        }
        catch
        {
            Release();
            throw;
        }
    }

    public NetworkNamespace ClientNetwork { get; }

    public static IPAddress ClientAddress => Manifests.Client.PodAddresses.Single();

    public static IPAddress HostAddress => Manifests.HostProxy.PodAddresses.Single();

    public NetworkNamespace HostNetwork => _node.Host;

    /// <summary>Starts all of it; the policy is in force.</summary>
    /// <param name="onHostNetwork">Whether the proxy is on the network of its node; in a pod of its own otherwise.</param>
    /// <param name="stop">Ends the start.</param>
    public static async Task<MetadataNode> StartAsync(bool onHostNetwork, CancellationToken stop)
    {
        var node = new MetadataNode(onHostNetwork);
        try
        {
            node._datapath = await HostedDatapath.StartAsync(
                Manifests.NodeName, node._cgroup, node._node, [Manifests.Policy, Manifests.Client, node._proxyManifest], stop);
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    /// <summary>The proxy ends, and its pod is no longer ready.</summary>
    public Task StopProxyAsync(CancellationToken stop)
    {
        _proxy!.Kill();
        return _datapath!.PutAsync(_proxyManifest.File, _proxyManifest.NotReady, stop);
    }

    /// <summary>From now on dials go to the metadata service itself while no proxy is ready.</summary>
    public Task AllowFallbackAsync(CancellationToken stop) => _datapath!.PutAsync(Manifests.Policy.File, Manifests.FallbackPolicy, stop);

    public async ValueTask DisposeAsync()
    {
        if (_datapath is not null)
            await _datapath.DisposeAsync();
        Release();
    }

    private void Release()
    {
        _proxy?.Dispose();
        _server?.Dispose();
        _node?.Dispose();
        _cgroup.Dispose();
    }
}
