using System.Collections.Immutable;
using System.Net;
using Datapath.Linux.Cgroups;

namespace Datapath.Linux.Services;

/// <summary>
/// The pods of this node and who they are for the programs. A pod is looked for when it first matters; what was found counts until the pod changes or is no
/// longer there: the sandbox of a pod may be made again, with the same address.
/// </summary>
/// <param name="host">The cookie of the host's network namespace.</param>
internal sealed class PodDirectory(ulong host) : IPodDirectory
{
    private readonly Dictionary<PodName, LocalPod> _pods = [];
    private readonly Dictionary<PodName, ImmutableArray<FoundClient>> _located = [];
    private ILookup<IPAddress, FoundNamespace>? _addresses;
    private Dictionary<ClientId, PodName>? _names;

    public ClientId Host => ClientId.Namespace(host);

    public IEnumerable<LocalPod> Pods => _pods.Values;

    public LocalPod? Find(PodName name) => _pods.GetValueOrDefault(name);

    /// <summary>The pods that were found, and where.</summary>
    public ImmutableArray<(LocalPod Pod, ImmutableArray<FoundClient> Clients)> Located => [.. _located.Select(pair => (_pods[pair.Key], pair.Value))];

    /// <summary>Takes changes in. Who was not found before is looked for again.</summary>
    /// <param name="upserted">Pods, equal to those that are known or not.</param>
    /// <param name="removed">Pods that are gone.</param>
    /// <param name="concerned">Further pods that may have been made again.</param>
    /// <returns>The pods that changed, or are no longer where they were found.</returns>
    public HashSet<PodName> Apply(ImmutableArray<LocalPod> upserted, ImmutableArray<PodName> removed, IEnumerable<PodName> concerned)
    {
        _addresses = null;
        _names = null;
        var changed = new HashSet<PodName>();
        foreach (var name in removed)
        {
            if (_pods.Remove(name))
                _ = changed.Add(name);
        }

        foreach (var pod in upserted)
        {
            if (_pods.TryGetValue(pod.Name, out var known) && known.Equals(pod))
                continue;
            _pods[pod.Name] = pod;
            _ = changed.Add(pod.Name);
        }

        changed.UnionWith(upserted.Select(static pod => pod.Name).Concat(concerned).Distinct().Where(name => !changed.Contains(name) && IsLost(name)).ToArray());
        foreach (var name in changed)
            _ = _located.Remove(name);
        return changed;
    }

    public ImmutableArray<ClientId> Locate(LocalPod pod, out string? reason)
    {
        reason = null;
        if (_located.TryGetValue(pod.Name, out var known))
            return IdsOf(known);
        var found = Search(pod);
        if (!found.IsEmpty)
        {
            _located.Add(pod.Name, found);
            return IdsOf(found);
        }

        reason = pod switch
        {
            { IsHostNetwork: true, Uid: "" } => $"pod {pod.Name} is on the host's network and has no UID by which to find its cgroup",
            { IsHostNetwork: true } => $"no cgroup has the UID {pod.Uid} of pod {pod.Name}, which is on the host's network, in its name",
            { Addresses.IsEmpty: true } => $"pod {pod.Name} has no address yet",
            _ => $"no network namespace that has a name or a process holds an address of pod {pod.Name} ({string.Join(", ", pod.Addresses)})",
        };
        return [];
    }

    /// <summary>The pods with a network of their own that are found, by their clients. Whom only a name is asked of, is looked for once a change.</summary>
    public IReadOnlyDictionary<ClientId, PodName> Names
    {
        get
        {
            if (_names is not null)
                return _names;
            _names = [];
            foreach (var pod in _pods.Values.Where(static pod => !pod.IsHostNetwork))
            {
                foreach (var its in _located.TryGetValue(pod.Name, out var known) ? known : Search(pod))
                    _ = _names.TryAdd(its.Id, pod.Name);
            }

            return _names;
        }
    }

    /// <summary>The pod that a client is; <see langword="null"/> if it is none, or not found.</summary>
    public PodName? NameOf(ClientId client) => Names.TryGetValue(client, out var name) ? name : null;

    /// <summary>Whether some of what was found of a pod is no longer there.</summary>
    public static bool IsLost(LocalPod pod, ImmutableArray<FoundClient> clients) => !clients.All(client => client.IsStill(pod));

    private static ImmutableArray<ClientId> IdsOf(ImmutableArray<FoundClient> clients) => [.. clients.Select(static client => client.Id)];

    private bool IsLost(PodName name) => _located.TryGetValue(name, out var clients) && IsLost(_pods[name], clients);

    private ImmutableArray<FoundClient> Search(LocalPod pod) => pod.IsHostNetwork ? [.. CgroupsOf(pod)] : [.. NamespacesOf(pod)];

    private IEnumerable<FoundClient> NamespacesOf(LocalPod pod)
    {
        if (pod.Addresses.IsEmpty)
            return [];
        _addresses ??= NamespaceAddresses.Read(host);
        return pod.Addresses.SelectMany(address => _addresses[address]).DistinctBy(static found => found.Id);
    }

    private static IEnumerable<FoundClient> CgroupsOf(LocalPod pod) => pod.Uid.Length == 0 ? [] : PodCgroups.Find(Cgroup2.FindMount().Path, pod.Uid);
}
