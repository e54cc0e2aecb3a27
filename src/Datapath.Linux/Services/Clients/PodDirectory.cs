using System.Collections.Immutable;
using System.Net;
using Datapath.Linux.Cgroups;

namespace Datapath.Linux.Services;

/// <summary>
/// The pods of this node and who they are for the programs. A pod is looked for when it first matters; what was found counts until the pod changes.
/// </summary>
/// <param name="host">The cookie of the host's network namespace.</param>
internal sealed class PodDirectory(ulong host) : IPodDirectory
{
    private readonly Dictionary<PodName, LocalPod> _pods = [];
    private readonly Dictionary<PodName, ImmutableArray<ClientId>> _located = [];
    private ILookup<IPAddress, ClientId>? _addresses;
    private Dictionary<ClientId, PodName>? _names;

    public ClientId Host => ClientId.Namespace(host);

    public IEnumerable<LocalPod> Pods => _pods.Values;

    public LocalPod? Find(PodName name) => _pods.GetValueOrDefault(name);

    /// <summary>Takes changes in. Who was not found before is looked for again.</summary>
    /// <returns>The pods that changed.</returns>
    public HashSet<PodName> Apply(ImmutableArray<LocalPod> upserted, ImmutableArray<PodName> removed)
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

        foreach (var name in changed)
            _ = _located.Remove(name);
        return changed;
    }

    public ImmutableArray<ClientId> Locate(LocalPod pod, out string? reason)
    {
        reason = null;
        if (_located.TryGetValue(pod.Name, out var known))
            return known;
        ImmutableArray<ClientId> found = pod.IsHostNetwork ? [.. CgroupsOf(pod)] : [.. NamespacesOf(pod)];
        if (!found.IsEmpty)
        {
            _located.Add(pod.Name, found);
            return found;
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

    /// <summary>The pod that a client is; <see langword="null"/> if it is none, or not found.</summary>
    public PodName? NameOf(ClientId client)
    {
        if (_names is null)
        {
            _names = [];
            foreach (var pod in _pods.Values.Where(static pod => !pod.IsHostNetwork && !pod.Addresses.IsEmpty))
            {
                foreach (var its in Locate(pod, out _))
                    _ = _names.TryAdd(its, pod.Name);
            }
        }

        return _names.TryGetValue(client, out var name) ? name : null;
    }

    private IEnumerable<ClientId> NamespacesOf(LocalPod pod)
    {
        if (pod.Addresses.IsEmpty)
            return [];
        _addresses ??= NamespaceAddresses.Read(host);
        return pod.Addresses.SelectMany(address => _addresses[address]).Distinct();
    }

    private static IEnumerable<ClientId> CgroupsOf(LocalPod pod) => pod.Uid.Length == 0 ? [] : PodCgroups.Find(Cgroup2.FindMount().Path, pod.Uid);
}
