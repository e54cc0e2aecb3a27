using System.Collections.Immutable;

namespace Datapath.Policy.Tests.Compilation.Inputs;

/// <summary>Random services.</summary>
internal static class RandomServices
{
    /// <summary>The annotation that random configurations take for that of health checks.</summary>
    public const string HealthAnnotation = "example.com/health";

    public static Service Service(Random random)
    {
        var (ip, ips) = ClusterIPs(random);
        return new()
        {
            Metadata = random.Meta(
                random.Labels(("service.kubernetes.io/service-proxy-name", "mesh", 60), ("service.kubernetes.io/headless", "", 60)),
                Annotations(random)),
            Spec = new()
            {
                Type = random.Pick(
                    ServiceType.ClusterIP, ServiceType.ClusterIP, ServiceType.NodePort, ServiceType.LoadBalancer,
                    random.Once(5) ? ServiceType.ExternalName : ServiceType.LoadBalancer),
                ClusterIP = ip,
                ClusterIPs = ips,
                IPFamilies = ips.IsEmpty && ip is null && random.Once(2) ? [IPFamily.IPv6, IPFamily.IPv4] : [],
                Ports = Ports(random),
                InternalTrafficPolicy = random.Once(4) ? TrafficPolicy.Local : TrafficPolicy.Cluster,
                ExternalTrafficPolicy = random.Once(3) ? TrafficPolicy.Local : TrafficPolicy.Cluster,
                ExternalIPs = random.Once(4) ? random.Few(1, 2, () => random.Address) : [],
                LoadBalancerSourceRanges = random.Once(4) ? random.Few(1, 3, () => random.Pick("10.0.0.0/8", " 192.0.2.1/24", "fd00::/8")) : [],
                LoadBalancerClass = random.Once(4) ? random.Pick("io.cilium/l2-announcer", "io.cilium/bgp-control-plane", "example.com/lb") : null,
                SessionAffinity = random.Once(4) ? SessionAffinity.ClientIP : SessionAffinity.None,
                SessionAffinityTimeoutSeconds = random.Once(150) ? 0 : 10800,
                TrafficDistribution = random.Once(3) ? (TrafficDistribution)random.Next(4) : TrafficDistribution.None,
            },
            Status = new() { LoadBalancerIngress = random.Few(0, 2, () => Ingress(random)) },
        };
    }

    private static (string? IP, ImmutableArray<string> IPs) ClusterIPs(Random random) => random.Next(20) switch
    {
        0 => (null, []),
        1 => random.Pick<(string?, ImmutableArray<string>)>(("None", []), ("none", ["None"]), ("10.96.0.300", [])),
        < 8 => ("10.96.0.1", ["10.96.0.1", $"fd96::{random.Next(1, 3)}"]),
        8 => ($"fd96::{random.Next(1, 3)}", []),
        9 => (random.Address, []),
        _ => ($"10.96.0.{random.Next(1, 4)}", []),
    };

    private static LoadBalancerIngress Ingress(Random random) => new()
    {
        IP = random.Once(8) ? null : random.Address,
        Hostname = "lb.example.com",
        IPMode = random.Once(6) ? IPMode.Proxy : IPMode.Vip,
    };

    private static ImmutableArray<ServicePort> Ports(Random random)
    {
        var count = random.Next(1, 3);
        return random.Few(count, count, index => new ServicePort
        {
            Name = count == 1 && random.Once(2) ? "" : random.PortNameAt(index),
            Port = random.Once(16) ? 30000 : random.PortAt(index),
            Protocol = random.Protocol,
            NodePort = random.Next(5) switch { 0 => 0, 1 => random.Port, _ => 30000 + random.Next(2) },
        });
    }

    private static ImmutableDictionary<string, string> Annotations(Random random) => random.Once(2) ? random.Labels() : random.Labels(
        (ServiceAnnotations.TypeAnnotation, random.Pick("ClusterIP", "NodePort", "LoadBalancer"), 6),
        (ServiceAnnotations.TypeAnnotation, "clusterip", 150),
        (ServiceAnnotations.NodeAnnotation, random.Pick("x", "y"), 20),
        (ServiceAnnotations.NodeSelectorAnnotation, random.Pick("tier=x", "tier!=x"), 20),
        (ServiceAnnotations.StaleTcpAnnotation, random.Pick("always", "never", "whenBackendIsGone"), 4),
        (ServiceAnnotations.AlgorithmAnnotation, random.Pick("random", "maglev"), 4),
        (ServiceAnnotations.ForwardingModeAnnotation, random.Pick("snat", "dsr"), 4),
        (ServiceAnnotations.SourceRangesPolicyAnnotation, random.Pick("allow", "deny"), 3),
        (ServiceAnnotations.ProxyDelegationAnnotation, random.Pick("none", "delegate-if-local"), 6),
        (ServiceAnnotations.TopologyModeAnnotation, random.Pick("Auto", "auto", "Disabled"), 4),
        (ServiceAnnotations.TopologyAwareHintsAnnotation, "Auto", 6),
        (HealthAnnotation, random.Once(4) ? "" : "on", 2));
}
