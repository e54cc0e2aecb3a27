using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>What a valid policy wants, before pods, services and other policies are looked at.</summary>
internal abstract class RedirectPlan
{
    public required KubernetesObject Policy { get; init; }

    public required RedirectPriority Priority { get; init; }

    /// <summary>The namespace of the pods.</summary>
    public required string PodNamespace { get; init; }

    public required LabelSelector Selector { get; init; }

    public ClientSelector Clients { get; init; } = ClientSelector.Everybody;

    /// <summary>Whether it depends on the pods of the node who is meant.</summary>
    public bool ClientsArePods => NamesPods(Clients.Include) || NamesPods(Clients.Exclude);

    /// <summary>Whether the pods themselves are left alone.</summary>
    public required bool Skips { get; init; }

    /// <summary>Whether dials are refused while there is no backend.</summary>
    public required bool Drops { get; init; }

    /// <summary>The services whose cluster addresses it may redirect, each once.</summary>
    public ImmutableArray<ServiceName> Services { get; init; } = [];

    /// <summary>The addresses and ranges that it takes over, each once.</summary>
    public ImmutableArray<TargetPlan> Targets { get; init; } = [];

    /// <summary>The backends that pods make.</summary>
    public abstract ImmutableArray<NamedBackend> Collect(IReadOnlyList<Pod> ready, NodeView node);

    /// <summary>The backends for a frontend of a service, by address; default if it is none of the policy's business.</summary>
    public abstract ImmutableArray<Backend> Select(RedirectSelection selection, ServiceName service, L4Address address, string portName);

    /// <summary>The backends for a target, by address.</summary>
    public abstract ImmutableArray<Backend> Select(RedirectSelection selection, TargetPlan target);

    private static bool NamesPods(ImmutableArray<ClientPeer> peers)
    {
        foreach (var peer in peers.AsSpan())
        {
            if (!peer.HostProcesses)
                return true;
        }

        return false;
    }

    protected static RedirectPriority PriorityOf(KubernetesObject policy, int priority, bool isNamespaced) => new(
        priority, isNamespaced, policy.Metadata.CreatedOrNewest, new(policy.Key.Namespace, policy.Key.Name));
}
