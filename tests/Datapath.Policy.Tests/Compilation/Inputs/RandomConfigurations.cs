using System.Net;

namespace Datapath.Policy.Tests.Compilation.Inputs;

/// <summary>Random configurations of the node: as a rule of this one with most features on.</summary>
internal static class RandomConfigurations
{
    public static NodeConfiguration Next(Random random) => new()
    {
        Name = random.Once(8) ? random.Pick("", "node-b") : "node-a",
        Labels = random.Once(2) ? random.Labels() : random.Labels(
            ("tier", random.Pick("x", "y"), 2), (ServiceAnnotations.NodeAnnotation, random.Pick("x", "y"), 2), (Node.ZoneLabel, random.Zone, 3)),
        Zone = random.Once(2) ? random.Zone : null,
        Addresses = [.. Addresses(random)],
        EnableIPv4 = !random.Once(8),
        EnableIPv6 = !random.Once(8),
        KubeProxyReplacement = !random.Once(8),
        EnableExternalIPs = !random.Once(8),
        ExternalIPsAnywhere = random.Once(4),
        EnableLocalRedirect = !random.Once(8),
        AddressMatcherCidrs = random.Once(4) ? [IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("fd00::/127")] : [],
        Algorithm = random.Once(2) ? LoadBalancingAlgorithm.Maglev : LoadBalancingAlgorithm.Random,
        AllowAlgorithmAnnotation = random.Once(2),
        Forwarding = (ForwardingDefault)random.Next(3),
        AllowForwardingAnnotation = random.Once(2),
        ExternalClusterIP = random.Once(3),
        SourceRangeAllTypes = random.Once(3),
        ServiceTopology = !random.Once(3),
        WildcardEntries = !random.Once(4),
        DefaultLoadBalancerClass = !random.Once(4),
        NodePortRange = random.Once(4) ? new(82, 30000) : NodeConfiguration.DefaultNodePortRange,
        MaglevTableSize = random.Once(4) ? 1021 : NodeConfiguration.DefaultMaglevTableSize,
        HealthCheckAnnotation = random.Once(4) ? null : RandomServices.HealthAnnotation,
    };

    /// <summary>The configuration with one thing changed, as administrators do it.</summary>
    public static NodeConfiguration Edit(Random random, NodeConfiguration node)
    {
        var other = Next(random);
        return random.Next(14) switch
        {
            0 => node with { Name = other.Name },
            1 => node with { Labels = other.Labels },
            2 => node with { Zone = other.Zone },
            3 => node with { Addresses = other.Addresses },
            4 => node with { EnableIPv4 = other.EnableIPv4, EnableIPv6 = other.EnableIPv6 },
            5 => node with
            {
                KubeProxyReplacement = other.KubeProxyReplacement,
                EnableExternalIPs = other.EnableExternalIPs,
                ExternalIPsAnywhere = other.ExternalIPsAnywhere,
            },
            6 => node with { EnableLocalRedirect = other.EnableLocalRedirect, AddressMatcherCidrs = other.AddressMatcherCidrs },
            7 => node with { Algorithm = other.Algorithm, AllowAlgorithmAnnotation = other.AllowAlgorithmAnnotation },
            8 => node with { Forwarding = other.Forwarding, AllowForwardingAnnotation = other.AllowForwardingAnnotation },
            9 => node with { ExternalClusterIP = other.ExternalClusterIP, SourceRangeAllTypes = other.SourceRangeAllTypes },
            10 => node with { ServiceTopology = other.ServiceTopology, HealthCheckAnnotation = other.HealthCheckAnnotation },
            11 => node with { WildcardEntries = other.WildcardEntries, DefaultLoadBalancerClass = other.DefaultLoadBalancerClass },
            12 => node with { NodePortRange = other.NodePortRange, MaglevTableSize = other.MaglevTableSize },
            _ => other,
        };
    }

    private static IEnumerable<LocalAddress> Addresses(Random random) =>
        from text in new[] { "192.0.2.2", "10.0.0.1", "fd00::2", "192.0.2.1" }
        where random.Once(2)
        select new LocalAddress(IPAddress.Parse(text), !random.Once(4));
}
