using System.Net;
using System.Net.Sockets;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;

namespace Datapath.Kernel.Tests.Services;

/// <summary>Who may listen where a service is served: on the host (pod 1), which has the addresses of pod 1, and in a pod (pod 2).</summary>
[TestFixture]
internal sealed class BindProtectionTests
{
    private const ushort NodePort = 30080;
    private const ushort HostPort = 8088;
    private const ushort FreePort = 30099;
    private ServiceLab _lab = null!;
    private LinuxDatapath? _next;

    [SetUp]
    public void StartLab()
    {
        _next = null;
        _lab = new(1, static options => options with { Lifetime = DatapathLifetime.Pinned }, hostPod: 1);
        _ = _lab.Apply(NodePorts.Service(1, FrontendType.NodePort, NodePort, 2, PodNetwork.V4(1), PodNetwork.V6(1)));
    }

    [TearDown]
    public void StopLab()
    {
        _next?.Dispose();
        _lab.Dispose();
    }

    [LoadTest]
    [Test]
    public void No_program_of_the_host_may_listen_at_a_node_port([Values(SocketType.Stream, SocketType.Dgram)] SocketType type) => _lab.Pods[1].Run(() =>
    {
        var addresses = Addresses().ToList();
        foreach (var (isIPv6, address) in addresses)
        {
            Assert.That(Bind(isIPv6, type, address, NodePort), Is.EqualTo(Errno.EADDRINUSE), $"{address}, IPv6 socket: {isIPv6}");
            Assert.That(Bind(isIPv6, type, address, NodePort, isShared: true), Is.EqualTo(Errno.EADDRINUSE), $"{address}, IPv6 socket: {isIPv6}, SO_REUSEPORT");
            Assert.That(Bind(isIPv6, type, address, FreePort), Is.EqualTo(Errno.None), $"{address}, IPv6 socket: {isIPv6}, another port");
            Assert.That(Bind(isIPv6, type, address, port: 0), Is.EqualTo(Errno.None), $"{address}, IPv6 socket: {isIPv6}, any port");
        }

        Assert.That(_lab.Datapath.GetStatus().Counters["RefusedBind"], Is.EqualTo(2 * addresses.Count));
    });

    [LoadTest]
    [Test]
    public void In_a_pod_anybody_may([Values(SocketType.Stream, SocketType.Dgram)] SocketType type) => _lab.Pods[2].Run(() =>
    {
        Assert.That(Bind(isIPv6: false, type, IPAddress.Any, NodePort), Is.EqualTo(Errno.None));
        Assert.That(Bind(isIPv6: true, type, IPAddress.IPv6Any, NodePort), Is.EqualTo(Errno.None));
    });

    [TestCase(FrontendType.ClusterIP, Errno.None)]
    [TestCase(FrontendType.LocalRedirect, Errno.None)]
    [TestCase(FrontendType.LoadBalancer, Errno.EADDRINUSE)]
    [TestCase(FrontendType.ExternalIPs, Errno.EADDRINUSE)]
    public void What_is_reached_from_outside_is_protected_at_its_address(FrontendType type, Errno expected)
    {
        var frontend = NodePorts.Frontend(new(PodNetwork.V4(1), 8443, L4Protocol.Tcp), 2) with { Type = type, IsAtNode = true };
        _ = _lab.Apply(new DesiredService(ServiceLab.Name(2), [frontend]));
        _lab.Pods[1].Run(() =>
        {
            Assert.That(Bind(isIPv6: false, SocketType.Stream, PodNetwork.V4(1), 8443), Is.EqualTo(expected));
            Assert.That(Bind(isIPv6: false, SocketType.Dgram, PodNetwork.V4(1), 8443), Is.EqualTo(Errno.None), "another protocol");
            Assert.That(Bind(isIPv6: false, SocketType.Stream, IPAddress.Any, 8443), Is.EqualTo(Errno.None), "the unspecified address");
        });
    }

    [LoadTest]
    [Test]
    public void A_host_port_is_the_pods_own_claim()
    {
        _ = _lab.Apply(NodePorts.Service(2, FrontendType.HostPort, HostPort, 2, PodNetwork.V4(1), PodNetwork.V6(1)));
        _lab.Pods[1].Run(() =>
        {
            foreach (var (isIPv6, address) in Addresses())
                Assert.That(Bind(isIPv6, SocketType.Stream, address, HostPort), Is.EqualTo(Errno.None), $"{address}");
        });
    }

    [LoadTest]
    [Test]
    public void Who_listened_before_goes_on()
    {
        using var server = new NameServer(_lab.Pods[1], "host", FreePort);
        _ = _lab.Apply(NodePorts.Service(2, FrontendType.NodePort, FreePort, 2));
        _lab.Pods[2].Run(() =>
        {
            Assert.That(Dial.Tcp(PodNetwork.V4(1), FreePort).Pod, Is.EqualTo("host"));
            Assert.That(Dial.Udp(PodNetwork.V6(1), FreePort).Pod, Is.EqualTo("host"));
        });
    }

    [LoadTest]
    [Test]
    public void When_the_service_is_gone_its_port_is_free()
    {
        _ = _lab.Remove(1);
        _lab.Pods[1].Run(() => Assert.That(Bind(isIPv6: true, SocketType.Stream, IPAddress.IPv6Any, NodePort), Is.EqualTo(Errno.None)));
    }

    [LoadTest]
    [Test]
    public void A_restart_may_switch_it_off_and_on() => _lab.Pods[1].Run(() =>
    {
        foreach (var isOn in new[] { false, true })
        {
            (_next ?? _lab.Datapath).Dispose();
            _next = LinuxDatapath.Open(_lab.Options with { BindProtection = isOn });
            Assert.That(PinnedDatapath.ReadHooks(_lab.Options.BpfRoot), Has.Count.EqualTo(isOn ? 10 : 8));
            Assert.That(_next.GetStatus().Hooks, Is.EqualTo(isOn ? 10 : 8));
            Assert.That(Bind(isIPv6: false, SocketType.Stream, IPAddress.Any, NodePort), Is.EqualTo(isOn ? Errno.EADDRINUSE : Errno.None));
            Assert.That(Dial.Tcp(PodNetwork.V4(1), NodePort).Pod, Is.EqualTo("pod2"));
        }
    });

    private static IEnumerable<(bool IsIPv6, IPAddress Address)> Addresses()
    {
        foreach (var address in new[] { IPAddress.Any, IPAddress.Loopback, IPAddress.Parse("127.8.9.10"), PodNetwork.V4(1) })
        {
            yield return (false, address);
            yield return (true, address.MapToIPv6());
        }

        foreach (var address in new[] { IPAddress.IPv6Any, IPAddress.IPv6Loopback, PodNetwork.V6(1) })
            yield return (true, address);
    }

    private static Errno Bind(bool isIPv6, SocketType type, IPAddress address, int port, bool isShared = false)
    {
        using var socket = new RawSocket(isIPv6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork, type);
        if (isShared)
            socket.ReusePort();
        return socket.Bind(SocketName.Of(address, port));
    }
}
