namespace Datapath.Policy;

/// <summary>The addresses of the cluster's other nodes, by their objects: each would serve a node port.</summary>
internal sealed class OtherNodes
{
    private readonly HashSet<L4Address> _all;
    private readonly L4Address[] _ipv4;
    private readonly L4Address[] _ipv6;

    private OtherNodes(HashSet<L4Address> all)
    {
        _all = all;
        _ipv4 = [.. all.Where(static address => address.IsIPv4).Order()];
        _ipv6 = [.. all.Where(static address => address.IsIPv6).Order()];
    }

    /// <summary>No nodes.</summary>
    public static OtherNodes None { get; } = new([]);

    /// <summary>The addresses of all nodes but this one. Without a name of this one nobody knows which are others.</summary>
    public static OtherNodes Of(IEnumerable<Node> nodes, NodeView own)
    {
        var all = AddressesOf(nodes, own).Select(static pair => pair.Address).ToHashSet();
        return all.Count == 0 ? None : new(all);
    }

    /// <summary>The addresses of all nodes but this one, each with its node and port 0; an address may occur more than once.</summary>
    public static IEnumerable<(Node Node, L4Address Address)> AddressesOf(IEnumerable<Node> nodes, NodeView own)
    {
        foreach (var node in nodes)
        {
            if (!IsOther(node, own))
                continue;
            foreach (var item in node.Addresses.IsDefault ? [] : node.Addresses)
            {
                if (!item.IsIP || !IPValue.TryParse(item.Address, out var ip) || ip.IsLoopback || ip.IsUnspecified)
                    continue;
                var address = ip.WithPort(0, L4Protocol.Tcp);
                if (!own.IsLocal(address))
                    yield return (node, address);
            }
        }
    }

    /// <summary>Whether a node is another than this one.</summary>
    public static bool IsOther(Node node, NodeView own) => own.Name.Length > 0 && node.Metadata.Name != own.Name;

    /// <summary>The addresses of a family, with port 0, in order.</summary>
    public ReadOnlySpan<L4Address> Addresses(bool isIPv4) => isIPv4 ? _ipv4 : _ipv6;

    /// <summary>Whether the IP address of <paramref name="address"/> is another node's.</summary>
    public bool Contains(L4Address address) => _all.Count > 0 && _all.Contains(address.WithPort(0, L4Protocol.Tcp));

    /// <summary>Whether the addresses are the same.</summary>
    public bool HasSameAddresses(OtherNodes other) => _all.SetEquals(other._all);
}
