using System.Net;
using System.Net.Sockets;
using Datapath.BpfObjects.Layout;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Namespaces;

namespace Datapath.Kernel.Tests.Masquerade;

/// <summary>What the eBPF engine alone knows: reserved ports, lifetimes, a table of its own that may be full.</summary>
[LoadTest]
internal sealed class EbpfMasqueradeTests
{
    [Test]
    public void A_flow_that_is_over_gives_its_port_back([Values] bool isIPv4)
    {
        using var lab = new NatLab(static options => options with
        {
            FirstPort = 40000,
            LastPort = 40000,
            Lifetimes = new() { TwoWay = TimeSpan.FromSeconds(1) },
            SweepInterval = TimeSpan.FromDays(1),
        });
        lab.Masquerade.Apply(NatLab.Rules());
        using var callee = new Callee(lab.Router, isIPv4 ? NatLab.Outside4 : NatLab.Outside6, ProtocolType.Udp);
        _ = callee.TakeFrom(lab.Pod, 3000);
        Assert.That(lab.Ebpf.Sweep(), Is.Zero);
        Assert.That(() => lab.Ebpf.Sweep(), Is.EqualTo(1).After(10_000, 100));
        Assert.That(lab.Masquerade.ReadFlows(), Is.Empty);
        Assert.That(callee.TakeFrom(lab.Pod, 3001).Port, Is.EqualTo(40000));
    }

    [Test]
    public void A_TCP_flow_ends_soon_after_its_end([Values] bool isIPv4)
    {
        using var lab = new NatLab(static options => options with { Lifetimes = new() { TcpClosing = TimeSpan.FromSeconds(1) }, SweepInterval = TimeSpan.FromDays(1) });
        lab.Masquerade.Apply(NatLab.Rules());
        using var callee = new Callee(lab.Router, isIPv4 ? NatLab.Outside4 : NatLab.Outside6, ProtocolType.Tcp);
        _ = callee.TakeFrom(lab.Pod);
        Assert.That(() => lab.Ebpf.Sweep(), Is.EqualTo(1).After(10_000, 100));
    }

    [Test]
    public void A_connection_of_the_node_keeps_the_port_that_it_was_given_when_the_flow_in_its_way_is_over([Values] bool isIPv4)
    {
        using var lab = new NatLab(static options => options with { Lifetimes = new() { TcpClosing = TimeSpan.FromSeconds(1) }, SweepInterval = TimeSpan.FromDays(1) });
        lab.Masquerade.Apply(NatLab.Rules());
        using var callee = new Callee(lab.Router, isIPv4 ? NatLab.Outside4 : NatLab.Outside6, ProtocolType.Tcp);
        Assert.That(callee.TakeFrom(lab.Pod, 3000).Port, Is.EqualTo(3000));
        using var own = callee.Connect(lab.Node, 3000);
        Assert.That(lab.Masquerade.ReadCounters()[nameof(NatCounter.HostMoved)], Is.EqualTo(1));
        Assert.That(() => lab.Ebpf.Sweep(), Is.EqualTo(1).After(10_000, 100));
        Assert.That(callee.Exchange(own).Port, Is.Not.EqualTo(3000));
    }

    [Test]
    public void Reserved_ports_and_those_that_the_node_listens_at_are_nobodys([Values(ProtocolType.Tcp, ProtocolType.Udp)] ProtocolType protocol)
    {
        using var lab = new NatLab(static options => options with { FirstPort = 40000, LastPort = 40002, ReservedPorts = [40000] });
        lab.Masquerade.Apply(NatLab.Rules());
        using var listener = new Callee(lab.Node, NatLab.Node4, protocol, 40001);
        using var callee = new Callee(lab.Router, NatLab.Outside4, protocol);
        Assert.That(callee.TakeFrom(lab.Pod, 40000).Port, Is.EqualTo(40002));
    }

    [Test]
    public void A_full_table_refuses_new_flows_and_ends_none()
    {
        using var lab = new NatLab(static options => options with { MaxFlows = 4 });
        lab.Masquerade.Apply(NatLab.Rules());
        using var callee = new Callee(lab.Router, NatLab.Outside4, ProtocolType.Udp);
        Socket[] clients = [.. Enumerable.Range(0, 4).Select(i => callee.Connect(lab.Pod, 3000 + i))];
        foreach (var client in clients)
            _ = callee.Exchange(client);
        using var refused = callee.Connect(lab.Pod, 2999);
        _ = refused.Send([1]);
        Assert.That(lab.Masquerade.ReadCounters()[nameof(NatCounter.RefusedFull)], Is.EqualTo(1));
        foreach (var client in clients)
        {
            _ = callee.Exchange(client);
            client.Dispose();
        }
    }

    [TestCase(900)]
    [TestCase(970)]
    public void Of_a_range_that_is_nearly_full_the_rest_is_found(int used)
    {
        using var lab = new NatLab(static options => options with { FirstPort = 40000, LastPort = 40999 });
        lab.Masquerade.Apply(NatLab.Rules());
        using var callee = new Callee(lab.Router, NatLab.Outside4, ProtocolType.Udp);
        for (var i = 0; i < used; i++)
        {
            using var client = callee.Connect(lab.Pod, 3000 + i);
            _ = client.Send([1]);
        }

        var refused = lab.Masquerade.ReadCounters()[nameof(NatCounter.RefusedNoPort)];
        Assert.That(refused, Is.LessThan(used / 100));
        Assert.That(lab.Masquerade.ReadFlows(), Has.Length.EqualTo(used - refused));
    }

    [Test]
    public void When_connections_to_a_peer_have_ended_there_is_room_for_others()
    {
        using var lab = new NatLab(static options => options with
        {
            FirstPort = 40000,
            LastPort = 40003,
            Lifetimes = new() { TcpClosing = TimeSpan.FromSeconds(1) },
            SweepInterval = TimeSpan.FromMilliseconds(100),
        });
        lab.Masquerade.Apply(NatLab.Rules());
        using var callee = new Callee(lab.Router, NatLab.Outside4, ProtocolType.Tcp);
        Socket[] clients = [.. Enumerable.Range(0, 4).Select(_ => callee.Connect(lab.Pod))];
        using var late = lab.Pod.Run(static () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        var connecting = Task.Run(() => late.Connect(callee.Address)); // it sends its first packet again until it gets through
        Eventually.True(() => lab.Masquerade.ReadCounters() is { } counters && counters[nameof(NatCounter.RefusedNoPort)] > 0 && counters[nameof(NatCounter.ManyTries)] > 0, "the fifth is refused");
        foreach (var client in clients)
        {
            _ = callee.Exchange(client); // which ends the server's side
            client.Dispose();
        }

        connecting.GetAwaiter().GetResult();
        _ = callee.Exchange(late);
    }

    [Test]
    public void A_service_of_the_node_on_the_port_of_a_flow_does_not_get_its_answers([Values(ProtocolType.Tcp, ProtocolType.Udp)] ProtocolType protocol, [Values] bool isIPv4)
    {
        using var lab = new NatLab();
        lab.Masquerade.Apply(NatLab.Rules());
        using var talk = new Talk(lab.Pod, lab.Router, isIPv4 ? NatLab.Outside4 : NatLab.Outside6, protocol, sourcePort: 40000);
        Assert.That(talk.Client.Port, Is.EqualTo(40000));
        using var service = new Callee(lab.Node, isIPv4 ? NatLab.Node4 : NatLab.Node6, protocol, 40000);
        talk.Exchange(isServerFirst: true);
        _ = service.TakeFrom(lab.Router);
        talk.Exchange(isServerFirst: true);
    }

    [Test]
    public void Link_local_services_outside_see_what_the_rules_say([Values] bool isKept)
    {
        using var lab = new NatLab();
        lab.RouteBack();
        var metadata = IPAddress.Parse("169.254.169.254");
        using (var router = lab.Router.OpenRouteNetlink())
            router.AddAddress(router.GetLink("lo").Index, metadata, 32);
        lab.Masquerade.Apply(isKept ? NatLab.Rules("169.254.0.0/16") : NatLab.Rules());
        using var callee = new Callee(lab.Router, metadata, ProtocolType.Tcp);
        Assert.That(callee.TakeFrom(lab.Pod).Address, Is.EqualTo(isKept ? NatLab.Pod4 : NatLab.Node4));
    }

    [Test]
    public void Packets_by_a_device_without_an_address_of_the_family_do_not_leave()
    {
        using var lab = new NatLab(NatEngine.Ebpf);
        lab.Masquerade.Apply(NatLab.Rules());
        using (var node = lab.Node.OpenRouteNetlink())
            node.DeleteAddress(node.GetLink("eth0").Index, NatLab.Node6, 64);
        lab.Ebpf.RefreshDevices();
        Assert.That(lab.Masquerade.Devices.Single(), Is.EqualTo(new MasqueradeDevice("eth0", lab.Masquerade.Devices.Single().Index, NatLab.Node4, null)));
    }

    [Test]
    public void A_program_lists_its_flows_in_a_few_lines()
    {
        using var lab = new NatLab(static options => options with { Devices = ["none"] });
        using var callee = new Callee(lab.Router, NatLab.Outside4, ProtocolType.Udp);
        var compilation = (State: NatLab.Rules(), 0);
        var lines = new List<string>();
        lab.Node.Run(() => Masquerade(() => callee.TakeFrom(lab.Pod, 3000), lines.Add));
        Assert.That(lines.Single(), Does.StartWith($"10.98.0.2:3000 as 192.168.98.1:3000 to {callee.Address}, idle for 00:00:00"));

        void Masquerade(Action send, Action<string> report)
        {
            using var masquerade = LinuxMasquerade.Open(new() { Devices = ["eth0", "wan+"], Lifetime = DatapathLifetime.Process });
            masquerade.Apply(compilation.State);
            send();
            foreach (var flow in masquerade.ReadFlows())
                report($"{flow.Source} as {flow.Translated} to {flow.Peer}, idle for {flow.Idle}");
        }
    }

    [Test]
    public void An_option_out_of_its_range_is_told()
    {
        Assert.That(() => LinuxMasquerade.Open(new() { Devices = ["nowhere"], FirstPort = 10, LastPort = 9 }), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(
            () => LinuxMasquerade.Open(new() { Devices = ["nowhere"], FirstPort = 40000, LastPort = 40002, ReservedPorts = [40002, 40000, 40001, 40001, 9] }),
            Throws.TypeOf<ArgumentException>().With.Message.StartsWith("ReservedPorts has all 3 ports from FirstPort 40000 to LastPort 40002; flows must be left at least one"));
        using var network = NetworkNamespace.Create();
        network.Run(static () =>
        {
            File.WriteAllText("/proc/sys/net/ipv4/ip_local_reserved_ports", "39000-40001");
            Assert.That(
                static () => LinuxMasquerade.Open(new() { Devices = ["nowhere"], FirstPort = 40000, LastPort = 40002, ReservedPorts = [40002] }),
                Throws.TypeOf<ArgumentException>().With.Message.StartsWith(
                    "ReservedPorts and net.ipv4.ip_local_reserved_ports have all 3 ports from FirstPort 40000 to LastPort 40002; flows must be left at least one"));
        });
    }

    [TestCase(UntranslatableProtocols.Drop, null)]
    [TestCase(UntranslatableProtocols.Pass, "10.98.0.2")]
    [TestCase(UntranslatableProtocols.TranslateAddress, "192.168.98.1")]
    public void Protocols_without_ports_are_treated_as_was_asked_for(UntranslatableProtocols wanted, string? seen)
    {
        using var lab = new NatLab(options => options with { Untranslatable = wanted });
        lab.Masquerade.Apply(NatLab.Rules());
        using var callee = lab.Router.Run(static () => new Socket(AddressFamily.InterNetwork, SocketType.Raw, ProtocolType.Igmp) { ReceiveTimeout = 5000 });
        callee.Bind(new IPEndPoint(IPAddress.Any, 0));
        using var caller = lab.Pod.Run(static () => new Socket(AddressFamily.InterNetwork, SocketType.Raw, ProtocolType.Igmp));
        _ = caller.SendTo(new byte[16], new IPEndPoint(NatLab.Outside4, 0));
        if (seen is null)
        {
            Assert.That(lab.Masquerade.ReadCounters()[nameof(NatCounter.RefusedProtocol)], Is.EqualTo(1));
            return;
        }

        EndPoint from = new IPEndPoint(IPAddress.Any, 0);
        _ = callee.ReceiveFrom(new byte[64], ref from);
        Assert.That(((IPEndPoint)from).Address.ToString(), Is.EqualTo(seen));
    }
}
