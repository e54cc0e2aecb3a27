using System.Collections.Immutable;
using System.Net;
using Datapath.Linux.Namespaces;
using Datapath.Linux.Netlink;
using Datapath.Policy;

namespace Datapath.Kernel.Tests.Masquerade;

/// <summary>
/// More of the lab: three more pods, a guest and two more machines behind the node, an address on the node's loopback, and places outside of each kind. The router
/// knows the way to all of them.
/// </summary>
internal sealed class ConformanceSite : IDisposable
{
    public const string GuestDevice = "guest0";
    private const string PodDevice = "pod0";
    private const string OtherDevice = "other0";

    private readonly NetworkNamespace _guest = NetworkNamespace.Create();
    private readonly NetworkNamespace _other = NetworkNamespace.Create();

    public ConformanceSite(NatEngine engine)
        : this(new NatLab(engine))
    {
    }

    /// <summary>With a lab that becomes its own.</summary>
    public ConformanceSite(NatLab lab)
    {
        Lab = lab;
        Sources =
        [
            new("pod", Lab.Pod, "10.98.0.2", "fd98::2", PodDevice),
            new("opted-out pod", Lab.Pod, "10.98.0.3", "fd98::3", PodDevice),
            new("pod of a pool", Lab.Pod, "10.98.0.4", "fd98::4", PodDevice),
            new("pod that nobody has reported", Lab.Pod, "10.98.0.77", "fd98::77", PodDevice),
            new("guest", _guest, "172.30.0.2", "fd30::2", GuestDevice),
            new("machine", _other, "172.31.0.2", "fd31::2", OtherDevice),
            new("machine in a range", _other, "172.31.0.9", "fd31::9", OtherDevice),
            new("node", Lab.Node, "192.168.98.1", "fd99::1", null) { IsNatAddress = true },
            new("node's loopback", Lab.Node, "192.168.97.1", "fd95::1", null),
        ];
        Attach(_guest, GuestDevice, "172.30.0.1", "fd30::1");
        Attach(_other, OtherDevice, "172.31.0.1", "fd31::1");
        foreach (var (name, network, ipv4, ipv6, device) in Sources)
            AddSource(name, network, ipv4, ipv6, device);
        AddWaysBack();
        using var router = Lab.Router.OpenRouteNetlink();
        foreach (var (_, address) in Destinations)
            AddTo(router, address.Equals(OtherNode4) || address.Equals(OtherNode6) ? "eth0" : "lo", address);
    }

    public static IPAddress OtherNode4 { get; } = IPAddress.Parse("192.168.98.9");

    public static IPAddress OtherNode6 { get; } = IPAddress.Parse("fd99::9");

    /// <summary>Where packets go.</summary>
    public static ImmutableArray<(string Name, IPAddress Address)> Destinations { get; } =
    [
        ("outside", NatLab.Outside4), ("elsewhere outside", NatLab.OtherOutside4), ("native routing", IPAddress.Parse("10.97.0.1")),
        ("list", IPAddress.Parse("203.0.113.1")), ("other node", OtherNode4), ("other node from outside", IPAddress.Parse("203.0.114.7")),
        ("link-local", IPAddress.Parse("169.254.169.254")),
        ("outside", NatLab.Outside6), ("elsewhere outside", IPAddress.Parse("2001:db8:98::1")), ("native routing", IPAddress.Parse("fd97::1")),
        ("list", IPAddress.Parse("2001:db8:113::1")), ("other node", OtherNode6), ("other node from outside", IPAddress.Parse("2001:db8:114::7")),
    ];

    /// <summary>Addresses that packets may be translated to, besides the device's.</summary>
    public static ImmutableArray<IPAddress> NatAddresses { get; } =
        [IPAddress.Parse("192.168.98.50"), IPAddress.Parse("192.168.98.60"), IPAddress.Parse("192.168.98.61"), IPAddress.Parse("fd99::50"), IPAddress.Parse("fd99::60")];

    public NatLab Lab { get; }

    /// <summary>Where packets come from.</summary>
    public ImmutableArray<ConformanceSource> Sources { get; }

    /// <summary>What the rules are made of, but for the configuration.</summary>
    public static MasqueradeInputs InputsOf(MasqueradeConfiguration configuration, params ReadOnlySpan<string> nodeAddresses) => new()
    {
        Configuration = configuration with
        {
            Pools = [new() { Name = "pool", PodSelector = new(ImmutableDictionary<string, string>.Empty.Add("pool", "yes")), Addresses = [NatAddresses[0], NatAddresses[3]] }],
        },
        Node = new() { Name = "node-a", Addresses = [.. nodeAddresses.ToArray().Select(static address => new LocalAddress(IPAddress.Parse(address)))] },
        Nodes =
        [
            new() { Metadata = new() { Name = "node-a" }, PodCidrs = ["10.98.0.0/24", "fd98::/64"] },
            new()
            {
                Metadata = new() { Name = "node-b" },
                Addresses =
                [
                    new(NodeAddress.InternalIP, "192.168.98.9"), new(NodeAddress.InternalIP, "fd99::9"),
                    new(NodeAddress.ExternalIP, "203.0.114.7"), new(NodeAddress.ExternalIP, "2001:db8:114::7"),
                ],
            },
        ],
        Pods =
        [
            new PodBuilder("shop", "web").OnNode("node-a").Address("10.98.0.2").Address("fd98::2").Build(),
            new PodBuilder("shop", "out").OnNode("node-a").Address("10.98.0.3").Address("fd98::3").KeepAddress().Build(),
            new PodBuilder("shop", "pool").OnNode("node-a").Address("10.98.0.4").Address("fd98::4").Label("pool", "yes").Build(),
        ],
    };

    public void Dispose()
    {
        Lab.Dispose();
        _guest.Dispose();
        _other.Dispose();
    }

    private static void AddTo(RouteNetlink route, string device, IPAddress address)
    {
        var index = route.GetLink(device).Index;
        if (!route.ListAddresses().Any(known => known.Address.Equals(address)))
            route.AddAddress(index, address, address.GetAddressBytes().Length * 8);
    }

    private void Attach(NetworkNamespace network, string device, string gateway4, string gateway6)
    {
        network.Run(static () => File.WriteAllText("/proc/sys/net/ipv6/conf/default/accept_dad", "0"));
        using var node = Lab.Node.OpenRouteNetlink();
        var link = node.CreateVeth(device, "eth0", network.Handle);
        node.SetLinkUp(link);
        node.AddAddress(link, IPAddress.Parse(gateway4), 24);
        node.AddAddress(link, IPAddress.Parse(gateway6), 64);
        using var route = network.OpenRouteNetlink();
        route.SetLinkUp(route.GetLink("eth0").Index);
    }

    private void AddSource(string name, NetworkNamespace network, string ipv4, string ipv6, string? device)
    {
        using var route = network.OpenRouteNetlink();
        var own = device is null ? "lo" : "eth0";
        foreach (var (address, length) in new[] { (IPAddress.Parse(ipv4), 24), (IPAddress.Parse(ipv6), 64) })
        {
            if (!route.ListAddresses().Any(known => known.Address.Equals(address)))
                route.AddAddress(route.GetLink(own).Index, address, device is null ? address.GetAddressBytes().Length * 8 : length);
        }

        if (device is GuestDevice || name == "machine")
        {
            var eth0 = route.GetLink("eth0").Index;
            route.AddRoute(new(IPNetwork.Parse("0.0.0.0/0")) { Gateway = IPAddress.Parse(ipv4[..^1] + "1"), InterfaceIndex = eth0 });
            route.AddRoute(new(IPNetwork.Parse("::/0")) { Gateway = IPAddress.Parse(ipv6[..^1] + "1"), InterfaceIndex = eth0 });
        }
    }

    private void AddWaysBack()
    {
        Lab.RouteBack();
        using (var node = Lab.Node.OpenRouteNetlink())
        {
            foreach (var address in NatAddresses)
                AddTo(node, "lo", address);
        }

        using var router = Lab.Router.OpenRouteNetlink();
        var eth0 = router.GetLink("eth0").Index;
        foreach (var network in new[] { "172.30.0.0/24", "172.31.0.0/24", "192.168.97.0/24", "192.168.98.48/28" })
            router.AddRoute(new(IPNetwork.Parse(network)) { Gateway = NatLab.Node4, InterfaceIndex = eth0 });
        foreach (var network in new[] { "fd30::/64", "fd31::/64", "fd95::/64", "fd99::50/128", "fd99::60/128" })
            router.AddRoute(new(IPNetwork.Parse(network)) { Gateway = NatLab.Node6, InterfaceIndex = eth0 });
    }
}
