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
        if (own.Name.Length == 0)
            return None;
        var all = new HashSet<L4Address>();
        foreach (var node in nodes.Where(node => node.Metadata.Name != own.Name))
        {
            foreach (var address in node.Addresses.AsSpan())
            {
                if (address.IsIP && IPValue.TryParse(address.Address, out var ip) && !ip.IsLoopback && !ip.IsUnspecified)
                    all.Add(ip.WithPort(0, L4Protocol.Tcp));
            }
        }

        all.RemoveWhere(own.IsLocal);
        return new(all);
    }

    /// <summary>The addresses of a family, with port 0, in order.</summary>
    public ReadOnlySpan<L4Address> Addresses(bool isIPv4) => isIPv4 ? _ipv4 : _ipv6;

    /// <summary>Whether the IP address of <paramref name="address"/> is another node's.</summary>
    public bool Contains(L4Address address) => _all.Count > 0 && _all.Contains(address.WithPort(0, L4Protocol.Tcp));

    /// <summary>Whether the addresses are the same.</summary>
    public bool HasSameAddresses(OtherNodes other) => _all.SetEquals(other._all);
}
