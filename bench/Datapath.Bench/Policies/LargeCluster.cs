using System.Collections.Immutable;
using System.Net;
using Datapath.Policy;

namespace Datapath.Bench.Policies;

/// <summary>A cluster in memory, as a source hands it over: names that repeat are one string.</summary>
/// <param name="services">How many services. Two of a hundred have a node port, one an address of a load balancer.</param>
internal sealed class LargeCluster(int services)
{
    public const string NodeName = "node-0";
    public const int EndpointsPerService = 10;
    public const int Policies = 50;
    public const int PodsPerPolicy = 6;
    private const int Nodes = 500;
    private const string Namespace = "shop";

    private static readonly string[] s_nodes = [.. Enumerable.Range(0, Nodes).Select(static i => $"node-{i}")];
    private static readonly string[] s_zones = ["zone-a", "zone-b", "zone-c"];
    private static readonly ImmutableArray<EndpointPort> s_endpointPorts = [new() { Name = "http", Port = 8080 }];

    public int Services => services;

    public static NodeConfiguration Node { get; } = new()
    {
        Name = NodeName,
        Zone = s_zones[0],
        Addresses = [new(IPAddress.Parse("192.0.2.1"))],
    };

    /// <summary>Services, then their slices, then the pods of this node, then the policies that send to them.</summary>
    public ImmutableArray<KubernetesObject> Objects() =>
    [
        .. Enumerable.Range(0, services).Select(Service),
        .. Enumerable.Range(0, services).Select(static i => Slice(i, 0, EndpointsPerService, version: 0)),
        .. Enumerable.Range(0, Policies * PodsPerPolicy).Select(static i => Pod(i, isReady: true)),
        .. Enumerable.Range(0, Policies).Select(Redirect),
    ];

    public static Service Service(int number) => new()
    {
        Metadata = Meta($"service-{number}", ImmutableDictionary<string, string>.Empty.Add("app", $"service-{number}")),
        Spec = new()
        {
            Type = (number % 100) switch { 0 or 1 => ServiceType.NodePort, 2 => ServiceType.LoadBalancer, _ => ServiceType.ClusterIP },
            ClusterIP = Address(10, 64, number),
            ClusterIPs = [Address(10, 64, number)],
            IPFamilies = [IPFamily.IPv4],
            Ports = [new() { Name = "http", Port = 80, TargetPort = new("web"), NodePort = number % 100 < 2 ? 30000 + (number / 100 * 2) + (number % 100) : 0 }],
        },
        Status = number % 100 == 2 ? new() { LoadBalancerIngress = [new() { IP = Address(198, 18, number) }] } : ServiceStatus.Empty,
    };

    /// <summary>A slice of a service.</summary>
    /// <param name="service">The service. One with more than 16 endpoints takes their addresses from those of the services behind it.</param>
    /// <param name="first">The place of its first endpoint among those of the service.</param>
    /// <param name="count">How many endpoints it has.</param>
    /// <param name="version">Another version has another first endpoint.</param>
    public static EndpointSlice Slice(int service, int first, int count, int version) => new()
    {
        Metadata = Meta(
            $"service-{service}-{first}",
            ImmutableDictionary<string, string>.Empty.Add(EndpointSlice.ServiceNameLabel, $"service-{service}").Add("app", $"service-{service}")),
        AddressType = AddressType.IPv4,
        Ports = s_endpointPorts,
        Endpoints = [.. Enumerable.Range(first, count).Select(i => Endpoint(service, i, i == first ? version : 0))],
    };

    public static Pod Pod(int number, bool isReady) => new()
    {
        Metadata = Meta($"agent-{number}", ImmutableDictionary<string, string>.Empty.Add("agent", $"agent-{number / PodsPerPolicy}")),
        Spec = new() { NodeName = NodeName, Containers = [new() { Name = "agent", Ports = [new() { Name = "http", Port = 8080 }] }] },
        Status = new()
        {
            Phase = PodPhase.Running,
            Conditions = [new(PodCondition.Ready, isReady ? ConditionStatus.True : ConditionStatus.False)],
            PodIP = Address(10, 32, number),
            PodIPs = [Address(10, 32, number)],
        },
    };

    /// <summary>One half are for a service, the other for an address of their own.</summary>
    private static CiliumLocalRedirectPolicy Redirect(int number)
    {
        ImmutableArray<RedirectPort> dialled = [new() { Name = "http", Port = 80 }];
        return new()
        {
            Metadata = Meta($"redirect-{number}", ImmutableDictionary<string, string>.Empty),
            Frontend = number % 2 == 0
                ? new() { ServiceMatcher = new() { ServiceName = $"service-{number}", Namespace = Namespace, ToPorts = dialled } }
                : new() { AddressMatcher = new() { IP = Address(169, 254, number), ToPorts = dialled } },
            Backend = new()
            {
                LocalEndpointSelector = new(ImmutableDictionary<string, string>.Empty.Add("agent", $"agent-{number}")),
                ToPorts = [new() { Name = "http", Port = 8080 }],
            },
        };
    }

    /// <summary>A clusterwide one for many services, to the pods of the first.</summary>
    /// <param name="first">The number of the first service.</param>
    /// <param name="count">How many services it has.</param>
    public static ClusterLocalRedirectPolicy WideRedirect(int first, int count) => new()
    {
        Metadata = Meta("wide", ImmutableDictionary<string, string>.Empty) with { Namespace = "" },
        Frontends = [.. Enumerable.Range(first, count).Select(static i => new ClusterRedirectFrontend { Service = new(Namespace, $"service-{i}") })],
        Backend = new()
        {
            Namespace = Namespace,
            Selector = new(ImmutableDictionary<string, string>.Empty.Add("agent", "agent-0")),
            Ports = [new() { Name = "http", Port = 8080 }],
        },
    };

    private static Endpoint Endpoint(int service, int place, int version) => new()
    {
        Addresses = [Address(16, 0, (((service * 16) + place) * 2) + (version & 1))],
        Conditions = new(Ready: true, Serving: true, Terminating: false),
        NodeName = s_nodes[(service + (place * 7)) % Nodes],
        Zone = s_zones[(service + place) % s_zones.Length],
    };

    private static ObjectMeta Meta(string name, ImmutableDictionary<string, string> labels) => new()
    {
        Name = name,
        Namespace = Namespace,
        Labels = labels,
        Uid = "6c1f2f4e-7b1d-4f0e-9b6e-" + name.PadLeft(12, '0')[^12..],
        CreationTimestamp = DateTimeOffset.UnixEpoch.AddSeconds(1_700_000_000),
    };

    private static string Address(byte first, byte second, int number) =>
        new IPAddress([(byte)(first + (number >> 24)), (byte)(second + (number >> 16)), (byte)(number >> 8), (byte)number]).ToString();
}
