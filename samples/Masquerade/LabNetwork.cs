using System.Net;
using System.Net.Sockets;
using Datapath.Linux.Namespaces;
using Datapath.Linux.Netlink;

namespace Datapath.MasqueradeSample;

/// <summary>
/// Two nodes with a pod each, and a router: network namespaces. The nodes and the router share a network, 192.168.10.0/24 and fd00:10::/64; behind the router,
/// at its loopback, are 10.10.1.200, 10.10.2.200 and their IPv6 likes. The router knows the way to the pods, so what a pod sends arrives either way.
/// </summary>
internal sealed class LabNetwork : IDisposable
{
    private const string Uplink = "eth0";
    private static readonly Address s_router = new("192.168.10.200", "fd00:10::200");

    private readonly string _prefix = $"masquerade-{Environment.ProcessId}-";
    private readonly List<NetworkNamespace> _namespaces = [];
    private readonly List<string> _names = [];
    private readonly int _bridge;

    public LabNetwork()
    {
        try
        {
            Router = Create("router");
            using (var route = Router.OpenRouteNetlink())
            {
                _bridge = route.CreateBridge("lan");
                Add(route, _bridge, s_router, 24, 64);
                var loopback = route.GetLink("lo").Index;
                foreach (var server in new[] { ServerOne, ServerTwo })
                    Add(route, loopback, server, 32, 128);
            }

            Forward(Router);
            One = AddNode("node-1", new("192.168.10.1", "fd00:10::1"), "10.0.1.0/24", "fd00:0:1::/64", new("10.0.1.5", "fd00:0:1::5"));
            Two = AddNode("node-2", new("192.168.10.2", "fd00:10::2"), "10.0.2.0/24", "fd00:0:2::/64", new("10.0.2.7", "fd00:0:2::7"));
            Lead(One, Two);
            Lead(Two, One);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>What is behind the router.</summary>
    public static Address ServerOne { get; } = new("10.10.1.200", "fd00:10:1::200");

    /// <summary>What is behind it too.</summary>
    public static Address ServerTwo { get; } = new("10.10.2.200", "fd00:10:2::200");

    public NetworkNamespace Router { get; }

    public LabNode One { get; }

    public LabNode Two { get; }

    public void Dispose()
    {
        foreach (var name in _names)
            _ = NetworkNamespace.DeleteName(name);
        foreach (var network in _namespaces)
            network.Dispose();
    }

    private LabNode AddNode(string name, Address address, string pods4, string pods6, Address pod)
    {
        var (node, inside) = (Create(name), Create($"{name}-pod"));
        var (range4, range6) = (IPNetwork.Parse(pods4), IPNetwork.Parse(pods6));
        var gateway = new Address(Next(range4.BaseAddress), Next(range6.BaseAddress));
        using var route = node.OpenRouteNetlink();
        Add(route, route.CreateVeth("pod0", Uplink, inside), gateway, range4.PrefixLength, range6.PrefixLength);
        var uplink = route.CreateVeth(Uplink, name, Router);
        Add(route, uplink, address, 24, 64);
        AddDefault(route, uplink, s_router);
        Forward(node);
        using (var routeOfPod = inside.OpenRouteNetlink())
        {
            var eth0 = routeOfPod.GetLink(Uplink).Index;
            Add(routeOfPod, eth0, pod, range4.PrefixLength, range6.PrefixLength);
            AddDefault(routeOfPod, eth0, gateway);
        }

        using var routeOfRouter = Router.OpenRouteNetlink();
        var port = routeOfRouter.GetLink(name).Index;
        routeOfRouter.SetLinkMaster(port, _bridge);
        routeOfRouter.SetLinkUp(port);
        routeOfRouter.AddRoute(new(range4) { Gateway = address.IPv4, InterfaceIndex = _bridge });
        routeOfRouter.AddRoute(new(range6) { Gateway = address.IPv6, InterfaceIndex = _bridge });
        return new(name, node, $"{NetworkNamespace.NamesFolder}/{_prefix}{name}", address, [range4, range6], inside, pod);
    }

    private NetworkNamespace Create(string name)
    {
        var network = NetworkNamespace.CreateNamed(_prefix + name);
        _namespaces.Add(network);
        _names.Add(_prefix + name);

        // Nobody else is there to have an address twice, so it is good at once.
        network.Run(static () => File.WriteAllText("/proc/sys/net/ipv6/conf/default/accept_dad", "0"));
        return network;
    }

    private static void Forward(NetworkNamespace network) => network.Run(static () =>
    {
        File.WriteAllText("/proc/sys/net/ipv4/ip_forward", "1");
        File.WriteAllText("/proc/sys/net/ipv6/conf/all/forwarding", "1");
    });

    private static void Lead(LabNode from, LabNode to)
    {
        using var route = from.Network.OpenRouteNetlink();
        var uplink = route.GetLink(Uplink).Index;
        foreach (var pods in to.Pods)
            route.AddRoute(new(pods) { Gateway = to.Address.Of(pods.BaseAddress.AddressFamily), InterfaceIndex = uplink });
    }

    private static void Add(RouteNetlink route, int link, Address address, int length4, int length6)
    {
        route.SetLinkUp(link);
        route.AddAddress(link, address.IPv4, length4);
        route.AddAddress(link, address.IPv6, length6);
    }

    private static void AddDefault(RouteNetlink route, int link, Address gateway)
    {
        route.AddRoute(new(IPNetwork.Parse("0.0.0.0/0")) { Gateway = gateway.IPv4, InterfaceIndex = link });
        route.AddRoute(new(IPNetwork.Parse("::/0")) { Gateway = gateway.IPv6, InterfaceIndex = link });
    }

    private static IPAddress Next(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        bytes[^1]++;
        return new(bytes);
    }
}

/// <summary>A node with a pod.</summary>
/// <param name="Name">Its name, and that of the router's device towards it.</param>
/// <param name="Network">Its network namespace.</param>
/// <param name="Path">The path of that.</param>
/// <param name="Address">Its address.</param>
/// <param name="Pods">Its pod network.</param>
/// <param name="Pod">The network namespace of its pod.</param>
/// <param name="PodAddress">The address of the pod.</param>
internal sealed record LabNode(string Name, NetworkNamespace Network, string Path, Address Address, IPNetwork[] Pods, NetworkNamespace Pod, Address PodAddress);

/// <summary>An address of each family.</summary>
internal sealed record Address(IPAddress IPv4, IPAddress IPv6)
{
    public Address(string ipv4, string ipv6)
        : this(IPAddress.Parse(ipv4), IPAddress.Parse(ipv6))
    {
    }

    public IPAddress Of(AddressFamily family) => family is AddressFamily.InterNetwork ? IPv4 : IPv6;
}
