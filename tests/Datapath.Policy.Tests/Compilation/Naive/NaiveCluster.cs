using System.Collections.Immutable;
using System.Net;

namespace Datapath.Policy.Tests.Compilation.Naive;

/// <summary>What is compiled: the objects that count, the node and the results of health checks.</summary>
internal sealed class NaiveCluster(
    IReadOnlyCollection<KubernetesObject> valid, NodeConfiguration node, IReadOnlyDictionary<(ServiceName Service, L4Address Backend), bool> health)
{
    public NodeConfiguration Node => node;

    public IReadOnlyDictionary<(ServiceName Service, L4Address Backend), bool> Health => health;

    public List<Service> Services { get; } = [.. valid.OfType<Service>()];

    public List<EndpointSlice> Slices { get; } = [.. valid.OfType<EndpointSlice>()];

    /// <summary>The pods of this node that have not ended.</summary>
    public List<Pod> LocalPods { get; } =
    [
        .. valid.OfType<Pod>().Where(pod => node.Name.Length > 0 && pod.Spec.NodeName == node.Name)
            .Where(pod => pod.Status.Phase is not (PodPhase.Succeeded or PodPhase.Failed)),
    ];

    public List<KubernetesObject> Policies { get; } =
        [.. valid.Where(item => node.EnableLocalRedirect && item is CiliumLocalRedirectPolicy or ClusterLocalRedirectPolicy)];

    /// <summary>Those without errors; rejected ones count as absent.</summary>
    public IReadOnlyCollection<KubernetesObject> Valid => valid;

    public ImmutableDictionary<string, string> NodeLabels =>
        node.Labels.IsEmpty ? NodeObject?.Metadata.Labels ?? node.Labels : node.Labels;

    public string? Zone => node.Zone ?? node.Labels.GetValueOrDefault(Policy.Node.ZoneLabel) ?? NodeObject?.Zone;

    private Node? NodeObject => valid.OfType<Node>().FirstOrDefault(item => item.Metadata.Name == node.Name);

    /// <summary>Without errors; where an address policy may lead is up to the node.</summary>
    public static bool IsValid(KubernetesObject item, NodeConfiguration node)
    {
        var issues = new IssueList();
        ObjectValidator.Validate(item, issues);
        return !issues.HasErrors
            && (node.AddressMatcherCidrs.IsEmpty || item is not CiliumLocalRedirectPolicy { Frontend.AddressMatcher: { } matcher }
                || node.AddressMatcherCidrs.Any(range => range.Contains(IPAddress.Parse(matcher.IP))));
    }

    public bool HasFamily(L4Address address) => address.IsIPv4 ? node.EnableIPv4 : node.EnableIPv6;

    public bool HasFamily(IPNetwork range) => HasFamily(new L4Address(range.BaseAddress, 0, L4Protocol.Tcp));

    /// <summary>Whether node ports and host ports are offered at the address.</summary>
    public bool OffersNodePorts(IPAddress address) => node.Addresses.Any(local => local.NodePort && local.Address.Equals(address));

    public ImmutableDictionary<string, string> LabelsOfNamespace(string name) =>
        (valid.OfType<Namespace>().FirstOrDefault(item => item.Metadata.Name == name)?.Metadata.Labels
            ?? ImmutableDictionary<string, string>.Empty).SetItem(Namespace.NameLabel, name);
}
