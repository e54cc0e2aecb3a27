namespace Datapath.Policy;

/// <summary>The node as the rules look at it: its configuration, completed by the node's object, and what is looked up often.</summary>
internal sealed class NodeView
{
    private readonly HashSet<L4Address> _local = [];
    private readonly HashSet<L4Address> _nodePort = [];
    private readonly L4Address[] _nodePortIPv4;
    private readonly L4Address[] _nodePortIPv6;

    public NodeView(NodeConfiguration configuration, Node? node)
    {
        Configuration = Complete(configuration, node);
        foreach (var address in configuration.Addresses.AsSpan())
        {
            var key = new L4Address(address.Address, 0, L4Protocol.Tcp);
            _local.Add(key);
            if (address.NodePort)
                _nodePort.Add(key);
        }

        _nodePortIPv4 = [.. _nodePort.Where(static address => address.IsIPv4).Order()];
        _nodePortIPv6 = [.. _nodePort.Where(static address => address.IsIPv6).Order()];
        AllowedRanges = [.. configuration.AddressMatcherCidrs.AsSpan().ToArray().Select(IPRange.Of)];
    }

    /// <summary>The configuration, with labels and zone of the node's object where it has none.</summary>
    public NodeConfiguration Configuration { get; }

    public string Name => Configuration.Name;

    /// <summary>The ranges that namespaced address policies are limited to; empty if they are not.</summary>
    public IPRange[] AllowedRanges { get; }

    /// <summary>Whether frontends and backends of the family are wanted.</summary>
    public bool Wants(bool isIPv4) => isIPv4 ? Configuration.EnableIPv4 : Configuration.EnableIPv6;

    /// <summary>The addresses of a family that offer node ports, with port 0, in order.</summary>
    public ReadOnlySpan<L4Address> NodePortAddresses(bool isIPv4) => isIPv4 ? _nodePortIPv4 : _nodePortIPv6;

    /// <summary>Whether node ports are offered at the IP address of <paramref name="address"/>.</summary>
    public bool IsNodePort(L4Address address) => _nodePort.Count > 0 && _nodePort.Contains(IPOf(address));

    /// <summary>Whether the IP address of <paramref name="address"/> is on a device of the node.</summary>
    public bool IsLocal(L4Address address) => _local.Count > 0 && _local.Contains(IPOf(address));

    /// <summary>Whether a frontend at the address counts as one of the node (<see cref="Frontend.IsAtNode"/>).</summary>
    public bool IsAtNode(L4Address address, FrontendType type) => type switch
    {
        FrontendType.ExternalIPs => Configuration.ExternalIPsAnywhere || IsLocal(address),
        FrontendType.LoadBalancer or FrontendType.HostPort => IsLocal(address),
        _ => false,
    };

    /// <summary>Whether the pod runs on this node. Without a name of the node none does.</summary>
    public bool Runs(Pod pod) => Name.Length > 0 && pod.Spec.NodeName == Name;

    /// <summary>The IP address alone, as a key.</summary>
    private static L4Address IPOf(L4Address address) => address.WithPort(0, L4Protocol.Tcp);

    private static NodeConfiguration Complete(NodeConfiguration configuration, Node? node) => configuration with
    {
        Labels = configuration.Labels.IsEmpty && node is not null ? node.Metadata.Labels : configuration.Labels,
        Zone = NullIfEmpty(configuration.Zone) ?? NullIfEmpty(configuration.Labels.GetValueOrDefault(Node.ZoneLabel)) ?? node?.Zone,
    };

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
