using System.Net.Sockets;
using Datapath.BpfObjects.Layout;
using Datapath.Linux;

namespace Datapath.Kernel.Tests.Masquerade;

/// <summary>Ports run short, flows end, devices come.</summary>
internal sealed class PortTests
{
    [Test]
    public void When_no_port_is_free_towards_a_peer_new_flows_are_refused_and_old_ones_go_on([Values] bool isIPv4)
    {
        using var lab = new NatLab(static options => options with { FirstPort = 40000, LastPort = 40009 });
        lab.Masquerade.Apply(NatLab.Rules());
        using var callee = new Callee(lab.Router, isIPv4 ? NatLab.Outside4 : NatLab.Outside6, ProtocolType.Udp);
        Socket[] clients = [.. Enumerable.Range(0, 10).Select(i => callee.Connect(lab.Pod, 3000 + i))];
        try
        {
            var ports = clients.Select(client => callee.Exchange(client).Port).ToArray();
            Assert.That(ports.Order(), Is.EqualTo(Enumerable.Range(40000, 10)));
            using var refused = callee.Connect(lab.Pod, 2999);
            _ = refused.Send([1]);
            Assert.That(lab.Masquerade.ReadCounters()[nameof(NatCounter.RefusedNoPort)], Is.EqualTo(1));
            Assert.That(clients.Select(client => callee.Exchange(client).Port), Is.EqualTo(ports));

            // Towards another peer all of them are free.
            using var other = new Callee(lab.Router, isIPv4 ? NatLab.OtherOutside4 : NatLab.Outside6, ProtocolType.Udp);
            Assert.That(other.TakeFrom(lab.Pod, 2998).Port, Is.InRange(40000, 40009));
        }
        finally
        {
            foreach (var client in clients)
                client.Dispose();
        }
    }

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

    [Test]
    public void Of_a_range_that_is_nearly_full_the_rest_is_found()
    {
        using var lab = new NatLab(static options => options with { FirstPort = 40000, LastPort = 40099 });
        lab.Masquerade.Apply(NatLab.Rules());
        using var callee = new Callee(lab.Router, NatLab.Outside4, ProtocolType.Udp);
        Socket[] clients = [.. Enumerable.Range(0, 97).Select(i => callee.Connect(lab.Pod, 3000 + i))];
        foreach (var client in clients)
        {
            _ = callee.Exchange(client);
            client.Dispose();
        }

        Assert.That(lab.Masquerade.ReadFlows(), Has.Length.EqualTo(97));
        Assert.That(lab.Masquerade.ReadCounters()[nameof(NatCounter.RefusedNoPort)], Is.Zero);
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
    }
}
