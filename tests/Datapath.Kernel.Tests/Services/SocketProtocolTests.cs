using System.Net;
using System.Net.Sockets;
using System.Text;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;

namespace Datapath.Kernel.Tests.Services;

/// <summary>
/// Sockets of protocols that have no services of their own: MPTCP dials those of TCP, UDP-Lite those of UDP. The kernel runs connect hooks for the first TCP
/// connection of an MPTCP socket, getpeername hooks for the MPTCP socket itself, and no connect hook for UDP-Lite.
/// </summary>
[TestFixture]
[LoadTest]
internal sealed class SocketProtocolTests
{
    private const int Mptcp = 262;
    private const int UdpLite = 136;

    private ServiceLab _lab = null!;

    [SetUp]
    public void StartLab()
    {
        _lab = new(servers: 2, static options => options with { StaleTcp = StaleTcpPolicy.Always }, havePodsNames: true);
        _ = _lab.Apply(ServiceLab.Service(1, 2));
    }

    [TearDown]
    public void StopLab() => _lab.Dispose();

    [TestCaseSource(nameof(Targets))]
    public void An_MPTCP_socket_reaches_a_service_of_TCP(IPAddress service) => _lab.Pods[1].Run(() =>
    {
        using var socket = Open(service, SocketType.Stream, Mptcp);
        Assert.That(socket.Connect(SocketName.Of(service, ServiceLab.ServicePort)), Is.EqualTo(Errno.None));
        Assert.That(Encoding.ASCII.GetString(socket.ReceiveFrom().Data), Is.EqualTo("pod2"));
    });

    [TestCaseSource(nameof(Targets))]
    public void An_MPTCP_socket_to_a_service_without_backends_is_refused(IPAddress service) => _lab.Pods[1].Run(() =>
    {
        _ = _lab.Apply(ServiceLab.Service(1));
        using var socket = Open(service, SocketType.Stream, Mptcp);
        Assert.That(socket.Connect(SocketName.Of(service, ServiceLab.ServicePort)), Is.EqualTo(Errno.ECONNREFUSED));
    });

    [TestCaseSource(nameof(Targets))]
    public void An_MPTCP_connection_is_ended_when_its_backend_leaves(IPAddress service)
    {
        using var server = _lab.Pods[1].Run(() => Listen(service.AddressFamily is AddressFamily.InterNetwork || service.IsIPv4MappedToIPv6 ? IPAddress.Any : IPAddress.IPv6Any));
        _ = _lab.Apply(ServiceLab.Service(1, 1));
        _lab.Pods[3].Run(() =>
        {
            using var socket = Open(service, SocketType.Stream, Mptcp);
            Assert.That(socket.Connect(SocketName.Of(service, ServiceLab.ServicePort)), Is.EqualTo(Errno.None));
            _ = _lab.Apply(ServiceLab.Service(1, 2));
            _lab.Datapath.Dispose(); // waits for the scan
            Eventually.True(() => socket.Send("x"u8) is not Errno.None, "the connection goes on");
        });
    }

    [TestCaseSource(nameof(Targets))]
    public void A_UDP_Lite_socket_that_sends_to_a_service_of_UDP_is_answered_by_it(IPAddress service)
    {
        var name = SocketName.Of(service, ServiceLab.ServicePort);
        var isIPv6 = service.AddressFamily is AddressFamily.InterNetworkV6 && !service.IsIPv4MappedToIPv6;
        var any = isIPv6 ? IPAddress.IPv6Any : IPAddress.Any;
        using var server = _lab.Pods[2].Run(() => Open(any, SocketType.Dgram, UdpLite));
        Assert.That(_lab.Pods[2].Run(() => server.Bind(SocketName.Of(any, ServiceLab.BackendPort))), Is.EqualTo(Errno.None));
        _lab.Pods[1].Run(() =>
        {
            using var socket = Open(service, SocketType.Dgram, UdpLite);
            Assert.That(socket.SendTo("who"u8, name), Is.EqualTo(Errno.None));
            var (errno, data, from) = server.ReceiveFrom();
            Assert.That((errno, Encoding.ASCII.GetString(data)), Is.EqualTo((Errno.None, "who")));
            Assert.That(server.SendTo("me"u8, from), Is.EqualTo(Errno.None));
            Assert.That(socket.ReceiveFrom().From.ToString(), Is.EqualTo(name.ToString()));
        });
    }

    [TestCaseSource(nameof(Targets))]
    public void A_UDP_Lite_socket_to_a_service_without_backends_is_refused(IPAddress service) => _lab.Pods[1].Run(() =>
    {
        _ = _lab.Apply(ServiceLab.Service(1));
        using var socket = Open(service, SocketType.Dgram, UdpLite);
        Assert.That(socket.SendTo("who"u8, SocketName.Of(service, ServiceLab.ServicePort)), Is.EqualTo(Errno.ECONNREFUSED));
    });

    private static IEnumerable<IPAddress> Targets() => [ServiceLab.ServiceV4(), ServiceLab.ServiceV6(), ServiceLab.ServiceV4().MapToIPv6()];

    /// <summary>A socket of a protocol that not every kernel is built with; only those may skip that say so.</summary>
    private static RawSocket Open(IPAddress address, SocketType type, int protocol)
    {
        var socket = new RawSocket(address.AddressFamily, type, protocol, out var errno);
        if (errno is Errno.EPROTONOSUPPORT)
            Assert.Ignore($"this kernel has no sockets of protocol {protocol}");
        Assert.That(errno, Is.EqualTo(Errno.None));
        return socket;
    }

    private static Socket Listen(IPAddress any)
    {
        var server = new Socket(any.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        server.Bind(new IPEndPoint(any, ServiceLab.BackendPort));
        server.Listen();
        return server;
    }
}
