using System.Net;

namespace Datapath.Policy.Tests.Compilation.Naive;

/// <summary>Something that wants all of its addresses or none.</summary>
internal sealed record NaiveClaimant(ServiceName Name, ObjectMeta Owner, bool IsPod, List<Frontend> Frontends);

/// <summary>Who holds which address: services first, then host ports; the older first, then by name.</summary>
internal sealed class NaiveClaims
{
    public NaiveClaims(IEnumerable<NaiveClaimant> claimants)
    {
        var ordered = claimants.OrderBy(claimant => claimant.IsPod)
            .ThenBy(claimant => claimant.Owner.CreationTimestamp ?? DateTimeOffset.MaxValue)
            .ThenBy(claimant => claimant.Owner.Namespace, StringComparer.Ordinal)
            .ThenBy(claimant => claimant.Owner.Name, StringComparer.Ordinal);
        foreach (var claimant in ordered)
        {
            var addresses = claimant.Frontends.ConvertAll(frontend => frontend.Address);
            if (Held.Overlaps(addresses))
            {
                Losers.Add(claimant);
                continue;
            }

            Held.UnionWith(addresses);
            Holders.Add(claimant);
        }
    }

    public HashSet<L4Address> Held { get; } = [];

    public List<NaiveClaimant> Holders { get; } = [];

    public List<NaiveClaimant> Losers { get; } = [];

    /// <summary>The addresses of the node at which a port on the unspecified address is served too.</summary>
    public IEnumerable<L4Address> NodeAddresses(Frontend frontend, NodeConfiguration node)
    {
        var isEverywhere = frontend.Type is FrontendType.NodePort
            || (frontend.Type is FrontendType.HostPort && !frontend.Flags.HasFlag(FrontendFlags.LoopbackOrDelegate));
        if (!isEverywhere || !frontend.Address.IsUnspecified)
            return [];
        return node.Addresses.Where(local => local.NodePort)
            .Select(local => new L4Address(local.Address, frontend.Address.Port, frontend.Address.Protocol))
            .Where(address => address.IsIPv4 == frontend.Address.IsIPv4 && !Held.Contains(address))
            .Distinct().Order();
    }

    /// <summary>The addresses of other nodes, by their objects, at which a node port is served too.</summary>
    public IEnumerable<L4Address> OtherNodeAddresses(Frontend frontend, NaiveCluster cluster)
    {
        if (frontend.Type is not FrontendType.NodePort || cluster.Node.Name.Length == 0)
            return [];
        return cluster.Valid.OfType<Node>().Where(node => node.Metadata.Name != cluster.Node.Name)
            .SelectMany(node => node.Addresses).Where(address => address.Type is "InternalIP" or "ExternalIP")
            .Select(address => IPAddress.Parse(address.Address))
            .Where(ip => !IPAddress.IsLoopback(ip) && !ip.Equals(IPAddress.Any) && !ip.Equals(IPAddress.IPv6Any))
            .Where(ip => !cluster.Node.Addresses.Any(local => local.Address.Equals(ip)))
            .Select(ip => new L4Address(ip, frontend.Address.Port, frontend.Address.Protocol))
            .Where(address => address.IsIPv4 == frontend.Address.IsIPv4 && !Held.Contains(address))
            .Distinct().Order();
    }
}
