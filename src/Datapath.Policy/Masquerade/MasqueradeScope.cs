namespace Datapath.Policy;

/// <summary>What is compiled for, completed by the node's own object.</summary>
internal sealed class MasqueradeScope
{
    /// <summary>What tells the addresses of this node.</summary>
    public const string NodeAddressesField = $"{nameof(NodeConfiguration)}.{nameof(NodeConfiguration.Addresses)}";

    public MasqueradeScope(MasqueradeInputs inputs, IReadOnlyCollection<Node> nodes)
    {
        (Inputs, Nodes) = (inputs, nodes);
        var own = inputs.Node.Name.Length == 0 ? null : nodes.FirstOrDefault(node => node.Metadata.Name == inputs.Node.Name);
        Node = new(inputs.Node, own);
        PodNetwork = OwnPodNetwork(own);
    }

    public MasqueradeInputs Inputs { get; }

    public MasqueradeConfiguration Configuration => Inputs.Configuration;

    /// <summary>The nodes that are not refused.</summary>
    public IReadOnlyCollection<Node> Nodes { get; }

    public NodeView Node { get; }

    /// <summary>The pod network of this node, without the ranges of families that are off.</summary>
    public PrefixFact<MasqueradeDestinationFacts>[] PodNetwork { get; }

    /// <summary>Whether there is a list of destinations that are not masqueraded.</summary>
    public bool HasList => Configuration.NonMasquerade is not null || Inputs.AgentList is not null;

    public bool Wants(bool isIPv4) => isIPv4 ? Configuration.EnableIPv4Masquerade : Configuration.EnableIPv6Masquerade;

    public IPRange? NativeRouting(bool isIPv4) =>
        (isIPv4 ? Configuration.IPv4NativeRoutingCidr : Configuration.IPv6NativeRoutingCidr) is { } network ? IPRange.Of(network) : null;

    public static string NativeRoutingField(bool isIPv4) =>
        isIPv4 ? nameof(MasqueradeConfiguration.IPv4NativeRoutingCidr) : nameof(MasqueradeConfiguration.IPv6NativeRoutingCidr);

    /// <summary>The pod networks that a node's object tells.</summary>
    public static IEnumerable<IPRange> PodNetworksOf(Node node)
    {
        foreach (var text in node.PodCidrs.IsDefault ? [] : node.PodCidrs)
        {
            if (IPRange.TryParse(text, out var range, out _))
                yield return range;
        }
    }

    private PrefixFact<MasqueradeDestinationFacts>[] OwnPodNetwork(Node? own)
    {
        var ranges = Configuration.PodCidrs.IsDefaultOrEmpty
            ? own is null ? [] : PodNetworksOf(own).Select(range => Fact(range, "spec.podCIDRs", own))
            : Configuration.PodCidrs.Select(network => Fact(IPRange.Of(network), nameof(Configuration.PodCidrs), null));
        return [.. ranges.Where(fact => Wants(fact.Range.First.IsIPv4))];

        static PrefixFact<MasqueradeDestinationFacts> Fact(IPRange range, string origin, Node? node) =>
            new(range, MasqueradeDestinationFacts.OwnPodNetwork, origin, node);
    }
}
