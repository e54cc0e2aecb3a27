using System.Collections.Immutable;
using System.Net;

namespace Datapath.Policy.Tests.Compilation.Naive;

/// <summary>Addresses and ports that policies take over together, or a single one.</summary>
internal readonly record struct NaiveRange(IPNetwork Prefix, ushort First, ushort Last, L4Protocol Protocol)
{
    public bool IsExact => First == Last && Prefix.PrefixLength == 8 * Prefix.BaseAddress.GetAddressBytes().Length;

    public L4Address Start => new(Prefix.BaseAddress, First, Protocol);

    public bool Contains(NaiveRange other) =>
        Protocol == other.Protocol && First <= other.First && other.Last <= Last && Prefix.PrefixLength <= other.Prefix.PrefixLength
        && Prefix.Contains(other.Prefix.BaseAddress) && (IsOwn(Prefix) || !IsOwn(other.Prefix));

    /// <summary>Loopback is each network namespace's own, and so are the unspecified addresses.</summary>
    private static bool IsOwn(IPNetwork prefix) => prefix.BaseAddress.GetAddressBytes() switch
    {
        [127, _, _, _] => prefix.PrefixLength >= 8,
        [0, 0, 0, 0] => prefix.PrefixLength == 32,
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 or 1] => prefix.PrefixLength == 128,
        _ => false,
    };
}

/// <summary>Something that a policy takes over. Backends have port 0 where the dialled one stays.</summary>
internal sealed record NaiveTarget(NaiveRange Range, string PortName, ImmutableArray<Backend> Backends);

/// <summary>A redirect policy of either kind: what it would do wherever it might apply.</summary>
internal abstract class NaivePolicy
{
    private readonly KubernetesObject _item;
    private readonly List<Pod> _selected;
    private readonly RedirectClients _clients;

    protected NaivePolicy(KubernetesObject item, string backendNamespace, LabelSelector selector, ClientSelector clients, NaiveCluster cluster)
    {
        (_item, Cluster) = (item, cluster);
        _selected = cluster.LocalPods.FindAll(pod => pod.Metadata.Namespace == backendNamespace && selector.Matches(pod.Metadata.Labels));
        _clients = NaiveClients.Of(clients, cluster);
        Qualifying = _selected.FindAll(pod => pod.IsReady);
    }

    public ObjectKey Key => _item.Key;

    public ServiceName Name => new(_item.Key.Namespace, $"{_item.Key.Name}:local-redirect");

    public abstract int Priority { get; }

    protected NaiveCluster Cluster { get; }

    /// <summary>The pods that may be backends.</summary>
    protected List<Pod> Qualifying { get; }

    protected abstract bool Drops { get; }

    protected abstract bool Skips { get; }

    private DateTimeOffset? Created => _item.Metadata.CreationTimestamp;

    /// <summary>All policies, in the order of precedence.</summary>
    public static List<NaivePolicy> All(NaiveCluster cluster) =>
    [
        .. cluster.Policies
            .Select(item => item is ClusterLocalRedirectPolicy clusterwide
                ? (NaivePolicy)new NaiveClusterwidePolicy(clusterwide, cluster)
                : new NaiveNamespacedPolicy((CiliumLocalRedirectPolicy)item, cluster))
            .OrderByDescending(policy => policy.Priority)
            .ThenBy(policy => policy is NaiveNamespacedPolicy)
            .ThenBy(policy => policy.Created ?? DateTimeOffset.MaxValue)
            .ThenBy(policy => policy.Key.Namespace, StringComparer.Ordinal)
            .ThenBy(policy => policy.Key.Name, StringComparer.Ordinal),
    ];

    /// <summary>Where the policy sends dials to a cluster address of a service; <see langword="null"/> if it is not about them.</summary>
    public abstract IEnumerable<Backend>? BackendsFor(Frontend frontend, ServiceName service);

    /// <summary>The addresses and ranges that it takes over.</summary>
    public abstract IEnumerable<NaiveTarget> Targets();

    /// <summary>What becomes of a dial, if the policy does anything about it.</summary>
    public Redirect? Redirect(IEnumerable<Backend>? backends)
    {
        ImmutableArray<Backend> ordered = [.. (backends ?? []).DistinctBy(backend => backend.Address).OrderBy(backend => backend.Address)];
        return backends is null || (ordered.IsEmpty && !Drops)
            ? null
            : new(Name, ordered) { Clients = _clients, SkippedPods = [.. Skips ? NaiveClients.Names(_selected) : []], RefusesWithoutBackends = Drops };
    }

    /// <summary>The addresses of a pod of a family, at a port.</summary>
    protected static IEnumerable<Backend> At(Pod pod, L4Address dialled, int port) =>
        pod.Addresses.Select(text => Backend(text, dialled, port)).Where(backend => backend.Address.IsIPv4 == dialled.IsIPv4);

    protected static Backend Backend(string ip, L4Address dialled, int port) => new(new(IPAddress.Parse(ip), (ushort)port, dialled.Protocol));
}
