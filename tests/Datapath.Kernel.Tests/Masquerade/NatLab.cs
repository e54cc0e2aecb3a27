using System.Net;
using Datapath.Kernel.Tests.Lab;
using Datapath.Kernel.Tests.Victim;
using Datapath.Linux;
using Datapath.Linux.Bpf;
using Datapath.Linux.Masquerade;
using Datapath.Linux.Namespaces;
using Datapath.Linux.Netlink;

namespace Datapath.Kernel.Tests.Masquerade;

/// <summary>
/// A pod (10.98.0.2, fd98::2) behind a node (192.168.98.1, fd99::1 on its device eth0), and a router (192.168.98.2, fd99::2) before an outside that is the router's
/// own loopback: 198.51.100.1, 198.51.100.2, 2001:db8:99::1. The router knows no way to the pod, unless it is given one.
/// </summary>
internal sealed class NatLab : IDisposable
{
    public static readonly IPAddress Pod4 = IPAddress.Parse("10.98.0.2");
    public static readonly IPAddress Pod6 = IPAddress.Parse("fd98::2");
    public static readonly IPAddress Node4 = IPAddress.Parse("192.168.98.1");
    public static readonly IPAddress Node6 = IPAddress.Parse("fd99::1");
    public static readonly IPAddress Outside4 = IPAddress.Parse("198.51.100.1");
    public static readonly IPAddress OtherOutside4 = IPAddress.Parse("198.51.100.2");
    public static readonly IPAddress Outside6 = IPAddress.Parse("2001:db8:99::1");

    private static readonly IPAddress s_podGateway4 = IPAddress.Parse("10.98.0.1");
    private static readonly IPAddress s_podGateway6 = IPAddress.Parse("fd98::1");
    private static readonly IPAddress s_router4 = IPAddress.Parse("192.168.98.2");
    private static readonly IPAddress s_router6 = IPAddress.Parse("fd99::2");

    private static readonly LinuxMasqueradeOptions s_options = new() { Devices = ["eth0"], Lifetime = DatapathLifetime.Process };

    private readonly TestPins? _pins;
    private NatEngine _engine;

    /// <summary>With an engine that translates what leaves by the node's eth0.</summary>
    public NatLab(NatEngine engine, ushort firstPort = 1024, ushort lastPort = ushort.MaxValue)
        : this(s_options with { FirstPort = firstPort, LastPort = lastPort }, engine, pins: null)
    {
    }

    /// <summary>With an engine, and options of its own; that of nf_tables takes devices, addresses of the node and ports of them.</summary>
    public NatLab(NatEngine engine, Func<LinuxMasqueradeOptions, LinuxMasqueradeOptions> change)
        : this(change(s_options), engine, pins: null)
    {
    }

    /// <summary>With the eBPF engine, and options of its own.</summary>
    public NatLab(Func<LinuxMasqueradeOptions, LinuxMasqueradeOptions>? change = null)
        : this(change?.Invoke(s_options) ?? s_options, NatEngine.Ebpf, pins: null)
    {
    }

    private NatLab(LinuxMasqueradeOptions options, NatEngine engine, TestPins? pins)
    {
        _pins = pins;
        // Addresses are good at once: nobody else is there to have them.
        foreach (var network in new[] { Pod, Node, Router })
            network.Run(static () => File.WriteAllText("/proc/sys/net/ipv6/conf/default/accept_dad", "0"));
        using (var node = Node.OpenRouteNetlink())
        {
            var toPod = node.CreateVeth("pod0", "eth0", Pod.Handle);
            var uplink = node.CreateVeth("eth0", "eth0", Router.Handle);
            Configure(node, toPod, (s_podGateway4, 24), (s_podGateway6, 64));
            Configure(node, uplink, (Node4, 24), (Node6, 64));
            node.AddRoute(new(IPNetwork.Parse("0.0.0.0/0")) { Gateway = s_router4, InterfaceIndex = uplink });
            node.AddRoute(new(IPNetwork.Parse("::/0")) { Gateway = s_router6, InterfaceIndex = uplink });
        }

        Node.Run(static () =>
        {
            File.WriteAllText("/proc/sys/net/ipv4/ip_forward", "1");
            File.WriteAllText("/proc/sys/net/ipv6/conf/all/forwarding", "1");
        });
        using (var pod = Pod.OpenRouteNetlink())
        {
            var eth0 = pod.GetLink("eth0").Index;
            Configure(pod, eth0, (Pod4, 24), (Pod6, 64));
            pod.AddRoute(new(IPNetwork.Parse("0.0.0.0/0")) { Gateway = s_podGateway4, InterfaceIndex = eth0 });
            pod.AddRoute(new(IPNetwork.Parse("::/0")) { Gateway = s_podGateway6, InterfaceIndex = eth0 });
        }

        using (var router = Router.OpenRouteNetlink())
        {
            Configure(router, router.GetLink("eth0").Index, (s_router4, 24), (s_router6, 64));
            var lo = router.GetLink("lo").Index;
            router.AddAddress(lo, Outside4, 32);
            router.AddAddress(lo, OtherOutside4, 32);
            router.AddAddress(lo, Outside6, 128);
        }

        (Options, _engine) = (options, engine);
        Masquerade = Node.Run(Open);
    }

    public NetworkNamespace Pod { get; } = NetworkNamespace.Create();

    public NetworkNamespace Node { get; } = NetworkNamespace.Create();

    public NetworkNamespace Router { get; } = NetworkNamespace.Create();

    public IMasquerade Masquerade { get; private set; }

    /// <summary>The engine, where that is the eBPF one.</summary>
    public LinuxMasquerade Ebpf => (LinuxMasquerade)Masquerade;

    public LinuxMasqueradeOptions Options { get; private set; }

    /// <summary>With the eBPF engine, small tables of flows, and pins of its own, which go with it.</summary>
    /// <param name="mechanism">By which mechanism its programs are attached.</param>
    /// <param name="objects">The compiled objects, if not those of today.</param>
    public static NatLab Pinned(TcMechanism mechanism = TcMechanism.Any, MasqueradeObjects? objects = null) =>
        Pinned(NatEngine.Ebpf, options => options with { Mechanism = mechanism, Objects = objects ?? MasqueradeObjects.OfPackage });

    /// <summary>With an engine, small tables of flows, and pins of its own, which go with it.</summary>
    public static NatLab Pinned(NatEngine engine, Func<LinuxMasqueradeOptions, LinuxMasqueradeOptions>? change = null)
    {
        var pins = new TestPins();
        var options = s_options with { Lifetime = DatapathLifetime.Pinned, BpfRoot = pins.Path, MaxFlows = 1024 };
        return new(change?.Invoke(options) ?? options, engine, pins);
    }

    /// <summary>Everything from the pod is translated, but to some destinations.</summary>
    public static MasqueradeState Rules(params string[] kept) => NatRules.Of(kept);

    /// <summary>Everything that is forwarded is translated, whatever its address, or if it came in by a device.</summary>
    public static MasqueradeState RulesByOrigin(string? device = null)
    {
        var rules = Rules();
        var (host, translate) = (rules.Verdicts[0], rules.Verdicts.Single(static verdict => verdict.Action is MasqueradeAction.Translate));
        var (forwarded, byDevice) = device is null ? (translate, host) : (host, translate);
        return new(
            rules.Sources with { Prefixes = [], Interfaces = device is null ? [] : [new(device, 2)] }, rules.Destinations, rules.AddressChoices,
            [host, host, forwarded, forwarded, byDevice, byDevice]);
    }

    /// <summary>Ends the engine and opens it again, with other options if they are given.</summary>
    public void Reopen(LinuxMasqueradeOptions? options = null)
    {
        Masquerade.Dispose();
        Options = options ?? Options;
        Masquerade = Node.Run(Open);
    }

    /// <summary>Opens the other engine beside what this one leaves, whose place it is to take.</summary>
    /// <param name="isLeft">Whether this one is let go before.</param>
    /// <returns>This one.</returns>
    public IMasquerade OpenOther(bool isLeft = true)
    {
        var before = Masquerade;
        if (isLeft)
            before.Dispose();
        _engine = _engine is NatEngine.Ebpf ? NatEngine.Nftables : NatEngine.Ebpf;
        Options = Options with { PreviousTable = NftablesMasqueradeOptions.DefaultTable };
        Masquerade = Node.Run(Open);
        return before;
    }

    /// <summary>Gives the router a way to the pod.</summary>
    public void RouteBack()
    {
        using var router = Router.OpenRouteNetlink();
        router.AddRoute(new(IPNetwork.Parse("10.98.0.0/24")) { Gateway = Node4, InterfaceIndex = router.GetLink("eth0").Index });
        router.AddRoute(new(IPNetwork.Parse("fd98::/64")) { Gateway = Node6, InterfaceIndex = router.GetLink("eth0").Index });
    }

    /// <summary>Has the kernel of the node track all connections, and translate none, as somebody's firewall does.</summary>
    public void TrackAll()
    {
        using var tables = Node.Run(static () => new NftNetlink());
        var batch = new NftBatch("others");
        batch.AddTable();
        batch.AddChain("post", new("nat", Nfnl.NF_INET_POST_ROUTING, 100));
        batch.AddChain("never");
        batch.AddRule("never", new NftMasquerade());
        tables.Commit(batch);
    }

    public void Dispose()
    {
        Masquerade.Dispose();
        if (Options.Lifetime is DatapathLifetime.Pinned) // a table goes with its network namespace
            _ = Node.Run(() => LinuxMasquerade.Uninstall(Options.BpfRoot));
        _pins?.Dispose();
        Pod.Dispose();
        Node.Dispose();
        Router.Dispose();
    }

    internal static void Configure(RouteNetlink route, int index, params ReadOnlySpan<(IPAddress Address, int Length)> addresses)
    {
        route.SetLinkUp(index);
        foreach (var (address, length) in addresses)
            route.AddAddress(index, address, length);
    }

    private IMasquerade Open() => _engine is NatEngine.Ebpf
        ? LinuxMasquerade.Open(Options)
        : NftablesMasquerade.Open(
            new()
            {
                Devices = Options.Devices,
                NodeAddresses = Options.NodeAddresses,
                Lifetime = Options.Lifetime,
                FirstPort = Options.FirstPort,
                LastPort = Options.LastPort,
                PreviousBpfRoot = Options.Lifetime is DatapathLifetime.Pinned ? Options.BpfRoot : null,
            });
}
