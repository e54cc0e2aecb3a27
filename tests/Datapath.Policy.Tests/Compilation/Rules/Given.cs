using System.Collections.Immutable;
using System.Net;

namespace Datapath.Policy.Tests.Compilation.Rules;

/// <summary>Short ways to make the objects that the rules are about.</summary>
internal static class Given
{
    /// <summary>A node with an address of each family at which node ports are offered.</summary>
    public static NodeConfiguration Node { get; } = new()
    {
        Name = "node-a",
        Zone = "zone-a",
        Addresses = [new(IPAddress.Parse("192.0.2.1")), new(IPAddress.Parse("fd00::1")), new(IPAddress.Parse("192.0.2.9"), NodePort: false)],
        ServiceTopology = true,
    };

    /// <summary>A service at 10.96.0.1:80 that is also a load balancer's at 203.0.113.1 with node port 30080.</summary>
    public static Service Service(Func<ServiceSpec, ServiceSpec>? change = null, params ReadOnlySpan<(string Key, string Value)> annotations)
    {
        var spec = new ServiceSpec
        {
            Type = ServiceType.LoadBalancer,
            ClusterIP = "10.96.0.1",
            Ports = [new() { Name = "http", Port = 80, NodePort = 30080 }],
        };
        return new()
        {
            Metadata = Meta("web", annotations),
            Spec = change?.Invoke(spec) ?? spec,
            Status = new() { LoadBalancerIngress = [new() { IP = "203.0.113.1" }] },
        };
    }

    /// <summary>A service at 10.96.0.1:80 and no other address.</summary>
    public static Service ClusterService(params ReadOnlySpan<ServicePort> ports)
    {
        var service = Make.Service("web", "10.96.0.1", ports.IsEmpty ? [new() { Name = "http", Port = 80 }] : ports);
        return service with { Spec = service.Spec with { ClusterIPs = ["10.96.0.1", "fd96::1"] } };
    }

    public static EndpointSlice Slice(params ReadOnlySpan<Endpoint> endpoints) => Make.Slice("web-1", "web", endpoints);

    public static Endpoint Endpoint(string address, string? node = null, string? zone = null, BackendState state = BackendState.Active) => new()
    {
        Addresses = [address],
        NodeName = node,
        Zone = zone,
        Hints = zone is null ? null : new() { Zones = [zone] },
        Conditions = new(state is BackendState.Active, state is BackendState.Terminating, state is not (BackendState.Active or BackendState.Maintenance)),
    };

    /// <summary>A ready pod of this node with an address of each family and these ports.</summary>
    public static Pod Pod(string name = "cache", params ReadOnlySpan<ContainerPort> ports) => new()
    {
        Metadata = Make.Labelled(name, "app", "cache") with { Uid = "7" },
        Spec = new() { NodeName = "node-a", Containers = [new() { Ports = [.. ports] }] },
        Status = new()
        {
            Phase = PodPhase.Running,
            Conditions = [new(PodCondition.Ready, ConditionStatus.True)],
            PodIPs = ["10.1.0.7", "fd01::7"],
        },
    };

    /// <summary>A policy that redirects service web to the ready pods with label app=cache, port 8080.</summary>
    public static CiliumLocalRedirectPolicy ServicePolicy(string name = "local", params ImmutableArray<RedirectPort> ports) => new()
    {
        Metadata = Meta(name),
        Frontend = new() { ServiceMatcher = new() { ServiceName = "web", Namespace = "default", ToPorts = ports } },
        Backend = new() { LocalEndpointSelector = Selector("app", "cache"), ToPorts = [new() { Name = "http", Port = 8080 }] },
    };

    /// <summary>Likewise 169.254.169.254, by default its port 80.</summary>
    public static CiliumLocalRedirectPolicy AddressPolicy(string name = "local", string ip = "169.254.169.254") => ServicePolicy(name) with
    {
        Frontend = new() { AddressMatcher = new() { IP = ip, ToPorts = [new() { Name = "http", Port = 80 }] } },
    };

    /// <summary>Likewise clusterwide, and without backend ports.</summary>
    public static ClusterLocalRedirectPolicy ClusterPolicy(string name = "local", params ImmutableArray<ClusterRedirectFrontend> frontends) => new()
    {
        Metadata = Meta(name),
        Frontends = frontends.IsEmpty ? [Addresses("169.254.169.254", new ClusterFrontendPort { Port = 80 })] : frontends,
        Backend = new() { Namespace = "default", Selector = Selector("app", "cache") },
    };

    public static ClusterRedirectFrontend Addresses(string address, params ImmutableArray<ClusterFrontendPort> ports) =>
        new() { Addresses = [address], Ports = ports };

    public static ClusterRedirectFrontend OfService(params ImmutableArray<ClusterFrontendPort> ports) =>
        new() { Service = new("default", "web"), Ports = ports };

    public static LabelSelector Selector(string key, string value) => new(ImmutableDictionary<string, string>.Empty.Add(key, value));

    public static T Aged<T>(this T item, int days) where T : KubernetesObject =>
        item.With(meta => meta with { CreationTimestamp = new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero).AddDays(days) });

    public static T Annotated<T>(this T item, string key, string value) where T : KubernetesObject =>
        item.With(meta => meta with { Annotations = meta.Annotations.SetItem(key, value) });

    private static ObjectMeta Meta(string name, params ReadOnlySpan<(string Key, string Value)> annotations) => new()
    {
        Name = name,
        Annotations = annotations.ToArray().ToImmutableDictionary(pair => pair.Key, pair => pair.Value),
    };
}
