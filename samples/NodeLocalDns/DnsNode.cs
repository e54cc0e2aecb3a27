using System.Net;
using Datapath.Linux.Namespaces;
using Datapath.SampleNode;

namespace Datapath.NodeLocalDns;

/// <summary>A node with a client and a DNS cache, the cluster's DNS elsewhere, and a datapath that keeps the client's queries on the node.</summary>
internal sealed class DnsNode : IAsyncDisposable
{
    /// <summary>The name that <see cref="Cluster"/> tells.</summary>
    public const string ClusterName = "coredns";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(15);

    private readonly OwnCgroup _cgroup = new("node-local-dns");
    private readonly Stack<IDisposable> _servers = [];
    private readonly NodeNetwork _node;
    private HostedDatapath? _datapath;
    private int _cache;

    private DnsNode()
    {
        try
        {
            _node = new("node-local-dns");
            ClientNetwork = _node.Join("checkout", Manifests.Client.PodAddresses);
            Cluster = Keep(DnsServer.StartCluster(_node.Join(ClusterName, Manifests.KubeDns.PodAddresses), ClusterName, Records));
            Cache = StartCache(0);
        }
        catch
        {
            Release();
            throw;
        }
    }

    /// <summary>What the cluster's DNS knows.</summary>
    public static IReadOnlyDictionary<string, string> Records { get; } = new Dictionary<string, string>
    {
        ["web.shop.svc.cluster.local"] = "10.96.20.1",
        ["cart.shop.svc.cluster.local"] = "10.96.20.2",
        ["search.shop.svc.cluster.local"] = "10.96.20.3",
        ["billing.shop.svc.cluster.local"] = "10.96.20.4",
    };

    public NetworkNamespace ClientNetwork { get; }

    public DnsServer Cluster { get; }

    /// <summary>The cache that the client's queries go to.</summary>
    public DnsServer Cache { get; private set; }

    /// <summary>The name that <see cref="Cache"/> tells.</summary>
    public string CacheName => NameOf(_cache);

    public IPAddress[] CacheAddresses => Manifests.Caches[_cache].PodAddresses;

    /// <summary>Starts all of it; the policy is in force.</summary>
    public static async Task<DnsNode> StartAsync(CancellationToken stop)
    {
        var node = new DnsNode();
        try
        {
            Manifest[] manifests = [Manifests.KubeDns, Manifests.Policy, Manifests.Client, Manifests.Caches[0]];
            node._datapath = await HostedDatapath.StartAsync(Manifests.NodeName, node._cgroup, node._node, manifests, stop);
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// How often the cache has asked the cluster's DNS for a name. A query for another name, which nobody knows, tells that all before it are counted.
    /// </summary>
    public async Task<int> CountMissesAsync(string name, IResolver resolver, CancellationToken stop)
    {
        var marker = $"after.{name}";
        _ = await resolver.AskAsync(Transport.All[0], marker, DnsMessage.TypeA, stop);
        var queries = await Cluster.QueriesUntilAsync(marker, stop);
        var cache = CacheAddresses.Select(static address => address.ToString()).ToHashSet();
        return queries.Count(query => query.Name == name && cache.Contains(query.Client));
    }

    /// <summary>Another cache takes the place of the one that is there, as in a rollout: it becomes ready, the old one no longer is, is killed and goes.</summary>
    /// <param name="onKill">Called right before the old one is killed.</param>
    /// <param name="stop">Ends the wait.</param>
    public async Task ReplaceCacheAsync(Action onKill, CancellationToken stop)
    {
        var (old, oldManifest, oldName) = (Cache, Manifests.Caches[_cache], CacheName);
        var next = StartCache(_cache + 1);
        await _datapath!.PutAsync(Manifests.Caches[_cache + 1].File, Manifests.Caches[_cache + 1].Text, stop);

        await _datapath.PutAsync(oldManifest.File, oldManifest.NotReady, stop);
        onKill();
        old.Kill();

        // Sockets that are connected to it are told within a moment; the pod's network stays until then, as a kubelet would have it.
        await OrFailAsync(_datapath.Engine.WaitForStaleSocketsAsync(stop), "the sockets were not looked through after a cache had left", stop);
        await _datapath.RemoveAsync(oldManifest.File, stop);
        _node.Remove(oldName);
        (Cache, _cache) = (next, _cache + 1);
    }

    /// <summary>The cache goes, and nothing takes its place.</summary>
    public Task StopCacheAsync(CancellationToken stop)
    {
        Cache.Kill();
        return _datapath!.PutAsync(Manifests.Caches[_cache].File, Manifests.Caches[_cache].NotReady, stop);
    }

    public async ValueTask DisposeAsync()
    {
        if (_datapath is not null)
            await _datapath.DisposeAsync();
        Release();
    }

    private static async Task OrFailAsync(Task task, string failure, CancellationToken stop)
    {
        try
        {
            await task.WaitAsync(s_patience, stop);
        }
        catch (TimeoutException)
        {
            throw new SampleException($"{failure}, in {s_patience.TotalSeconds:0} s");
        }
    }

    private static string NameOf(int cache) => $"local-dns-{cache + 1}";

    private DnsServer StartCache(int cache) =>
        Keep(DnsServer.StartCache(_node.Join(NameOf(cache), Manifests.Caches[cache].PodAddresses), NameOf(cache), Transport.ServiceV4.ToString()));

    private DnsServer Keep(DnsServer server)
    {
        _servers.Push(server);
        return server;
    }

    private void Release()
    {
        while (_servers.TryPop(out var server))
            server.Dispose();
        _node?.Dispose();
        _cgroup.Dispose();
    }
}
