using System.Net;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;

namespace Datapath.Kernel.Tests.Services;

/// <summary>Ports of the node, dialed from the host (pod 1) and from a pod (pod 2). They lead to pod 3.</summary>
[TestFixture]
[LoadTest]
internal sealed class NodePortDialTests
{
    private const ushort NodePort = 30080;
    private const ushort HostPort = 8088;
    private const ushort OtherPort = 30081;
    private static readonly IPAddress s_nodeV4 = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress s_nodeV6 = IPAddress.Parse("2001:db8::1");
    private ServiceLab _lab = null!;

    public enum Target
    {
        Loopback,
        OtherLoopback,
        Unspecified,
    }

    [OneTimeSetUp]
    public void StartLab()
    {
        _lab = new(2, static options => options, hostPod: 1);
        _ = _lab.Apply(
            NodePorts.Service(1, FrontendType.NodePort, NodePort, 3, s_nodeV4, s_nodeV6, IPAddress.Loopback, IPAddress.IPv6Loopback),
            NodePorts.Service(2, FrontendType.HostPort, HostPort, 3));
    }

    [OneTimeTearDown]
    public void StopLab() => _lab.Dispose();

    [Test]
    public void Programs_of_the_host_reach_a_port_of_the_node_on_loopback([Values] Target target, [Values(NodePort, HostPort)] ushort port)
    {
        var (v4, v6) = Addresses(target);
        AssertAll(client: 1, v4, v6, port, "pod3");
    }

    [Test]
    public void Loopback_of_a_pod_is_its_own([Values] Target target)
    {
        using var own = new NameServer(_lab.Pods[2], "own", NodePort);
        var (v4, v6) = Addresses(target);
        _lab.Pods[2].Run(() =>
        {
            Assert.That(Dial.Tcp(v4, NodePort).Pod, Is.EqualTo("own"));
            Assert.That(Dial.Tcp(v6, NodePort).Pod, Is.EqualTo("own"));
            foreach (var row in Enum.GetValues<SocketRow>())
                Assert.That(Dial.AskBy(row, SocketUse.Datagram, row.Name(v4, v6, NodePort)).Answer.Pod, Is.EqualTo("own"), $"{row}");
        });
    }

    [Test]
    public void Pods_and_the_host_reach_a_node_port_at_the_addresses_of_the_node([Values(1, 2)] int client) => AssertAll(client, s_nodeV4, s_nodeV6, NodePort, "pod3");

    // The address leads nowhere here: who answers was chosen on this node.
    [Test]
    public void A_node_port_of_another_node_is_answered_here_as_for_programs_of_the_cluster([Values(1, 2)] int client, [Values] bool isIPv4)
    {
        var other = IPAddress.Parse(isIPv4 ? "198.51.100.2" : "2001:db8::2");
        var external = NodePorts.Frontend(L4Address.Unspecified(isIPv4, OtherPort, L4Protocol.Tcp), 2) with
        {
            Type = FrontendType.NodePort,
            Flags = FrontendFlags.TwoScopes,
            OtherNodeAddresses = [new(other, OtherPort, L4Protocol.Tcp)],
        };
        var inside = external with { Scope = FrontendScope.Internal, Backends = NodePorts.Frontend(external.Address, 3).Backends };
        _ = _lab.Apply(new DesiredService(ServiceLab.Name(3), [external, inside]));
        _lab.Pods[client].Run(() => Assert.That(Dial.Tcp(other, OtherPort).Pod, Is.EqualTo("pod3")));
        _ = _lab.Remove(3);
    }

    [Test]
    public void A_host_port_for_loopback_alone_is_at_no_address_of_the_node()
    {
        var listed = _lab.Datapath.Read().Where(static f => f.Type is FrontendType.HostPort).ToList();
        Assert.That(listed, Has.Count.EqualTo(4));
        Assert.That(listed.Select(static f => (f.Address.IsUnspecified, f.IsHostOnly)), Is.All.EqualTo((true, true)));
        _lab.Pods[1].Run(static () => Assert.That(Dial.Tcp(s_nodeV4, HostPort).Errno, Is.EqualTo(Errno.ENETUNREACH)));
    }

    // Whichever was there first; and the port of the node is back after it.
    [Test]
    public void A_frontend_of_its_own_on_loopback_comes_before_the_port_of_the_node([Values] bool isIPv6, [Values] bool isFirst)
    {
        var address = isIPv6 ? IPAddress.IPv6Loopback : IPAddress.Loopback;
        var own = new DesiredService(ServiceLab.Name(4), [NodePorts.Frontend(new(address, OtherPort, L4Protocol.Tcp), 2) with { Type = FrontendType.LocalRedirect }]);
        var node = NodePorts.Service(3, FrontendType.NodePort, OtherPort, 3);
        foreach (var service in isFirst ? new[] { own, node } : [node, own])
            _ = _lab.Apply(service);
        _lab.Pods[1].Run(() =>
        {
            Assert.That(Dial.Tcp(address, OtherPort).Pod, Is.EqualTo("pod2"));
            Assert.That(Dial.Tcp(isIPv6 ? IPAddress.IPv6Any : IPAddress.Any, OtherPort).Pod, Is.EqualTo("pod3"));
            _ = _lab.Remove(4);
            Assert.That(Dial.Tcp(address, OtherPort).Pod, Is.EqualTo("pod3"));
            _ = _lab.Remove(3);
            Assert.That(Dial.Tcp(address, OtherPort).Errno, Is.EqualTo(Errno.ECONNREFUSED));
        });
    }

    [Test]
    public void A_backend_on_loopback_is_where_the_dial_ends([Values(OtherPort, (ushort)8090)] ushort backendPort)
    {
        using var server = new NameServer(_lab.Pods[1], "host", backendPort);
        var service = NodePorts.Service(3, FrontendType.NodePort, OtherPort, 3);
        _ = _lab.Apply(service with
        {
            Frontends = [.. service.Frontends.Select(frontend => frontend with
            {
                Backends = [new(new(frontend.Address.IsIPv4 ? IPAddress.Loopback : IPAddress.IPv6Loopback, backendPort, frontend.Address.Protocol))],
            })],
        });
        AssertAll(client: 1, IPAddress.Loopback, IPAddress.IPv6Loopback, OtherPort, "host");
        _ = _lab.Remove(3);
    }

    [Test]
    public void Other_ports_of_loopback_are_left_alone()
    {
        using var server = new NameServer(_lab.Pods[1], "host", 8091);
        AssertAll(client: 1, IPAddress.Loopback, IPAddress.IPv6Loopback, 8091, "host");
    }

    /// <summary>Dials by all kinds of sockets, and insists on who answers and on the address that the program is told.</summary>
    private void AssertAll(int client, IPAddress v4, IPAddress v6, int port, string who) => _lab.Pods[client].Run(() =>
    {
        foreach (var row in Enum.GetValues<SocketRow>())
        {
            foreach (var use in Enum.GetValues<SocketUse>().Where(use => Dial.IsPossible(row, use)))
            {
                var (answer, peer) = Dial.AskBy(row, use, row.Name(v4, v6, port));
                Assert.That((answer.ToString(), peer), Is.EqualTo((who, row.Seen(v4, v6, port).ToString())), $"{row}, {use}");
            }
        }
    });

    private static (IPAddress V4, IPAddress V6) Addresses(Target target) => target switch
    {
        Target.Loopback => (IPAddress.Loopback, IPAddress.IPv6Loopback),
        Target.OtherLoopback => (IPAddress.Parse("127.8.9.10"), IPAddress.IPv6Loopback),
        _ => (IPAddress.Any, IPAddress.IPv6Any),
    };
}
