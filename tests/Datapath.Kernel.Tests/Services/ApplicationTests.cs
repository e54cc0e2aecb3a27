using System.Net;
using System.Net.Sockets;
using System.Text;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;

namespace Datapath.Kernel.Tests.Services;

/// <summary>Sockets as .NET applications use them, and TCP over several paths.</summary>
[TestFixture]
internal sealed class ApplicationTests
{
    private const int Mptcp = 262;
    private ServiceLab _lab = null!;

    [OneTimeSetUp]
    public void StartLab()
    {
        _lab = new(noBackend: NoBackendReply.Unreachable);
        _ = _lab.Apply(ServiceLab.Service(1, 2), ServiceLab.Service(2));
    }

    [OneTimeTearDown]
    public void StopLab() => _lab.Dispose();

    [Test]
    public void A_dual_mode_socket_dials_both_families([Values] bool isIpv6) => _lab.Pods[1].Run(() =>
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        var service = new IPEndPoint(isIpv6 ? ServiceLab.ServiceV6() : ServiceLab.ServiceV4(), ServiceLab.ServicePort);
        socket.Connect(service);
        var buffer = new byte[16];
        Assert.That(Encoding.ASCII.GetString(buffer, 0, socket.Receive(buffer)), Is.EqualTo("pod2"));
        Assert.That(socket.RemoteEndPoint, Is.EqualTo(new IPEndPoint(service.Address.MapToIPv6(), service.Port)));
    });

    // As an HTTP client connects: asynchronously, through a socket that does not block.
    [Test]
    public void A_socket_that_connects_in_the_background_reaches_a_backend() => _lab.Pods[1].Run(() =>
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.ConnectAsync(new IPEndPoint(ServiceLab.ServiceV4(), ServiceLab.ServicePort)).Wait(TimeSpan.FromSeconds(10));
        using var stream = new NetworkStream(socket);
        using var reader = new StreamReader(stream);
        Assert.That(reader.ReadToEnd(), Is.EqualTo("pod2"));
    });

    [Test]
    public void A_UDP_client_hears_from_the_service() => _lab.Pods[1].Run(() =>
    {
        using var client = new UdpClient(AddressFamily.InterNetwork);
        client.Client.ReceiveTimeout = 5000;
        var service = new IPEndPoint(ServiceLab.ServiceV4(), ServiceLab.ServicePort);
        _ = client.Send("who"u8, service);
        var from = new IPEndPoint(IPAddress.Any, 0);
        Assert.That(Encoding.ASCII.GetString(client.Receive(ref from)), Is.EqualTo("pod2"));
        Assert.That(from, Is.EqualTo(service));
    });

    [Test]
    public void A_service_without_backends_may_be_unreachable_rather_than_refuse() => _lab.Pods[1].Run(static () =>
    {
        Assert.That(Dial.Tcp(ServiceLab.ServiceV4(2)).Errno, Is.EqualTo(Errno.EHOSTUNREACH));
        Assert.That(Dial.Udp(ServiceLab.ServiceV6(2)).Errno, Is.EqualTo(Errno.EHOSTUNREACH));
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        var thrown = Assert.Throws<SocketException>(() => socket.Connect(ServiceLab.ServiceV4(2), ServiceLab.ServicePort));
        Assert.That(thrown!.SocketErrorCode, Is.EqualTo(SocketError.HostUnreachable));
    });

    [Test]
    public void A_refused_socket_may_dial_again_when_there_are_backends() => _lab.Pods[1].Run(() =>
    {
        _ = _lab.Apply(ServiceLab.Service(3));
        using var socket = new RawSocket(AddressFamily.InterNetwork, SocketType.Stream);
        var name = SocketName.Of(ServiceLab.ServiceV4(3), ServiceLab.ServicePort);
        Assert.That(socket.Connect(name), Is.EqualTo(Errno.EHOSTUNREACH));
        _ = _lab.Apply(ServiceLab.Service(3, 2));
        Assert.That(socket.Connect(name), Is.EqualTo(Errno.None));
        Assert.That(socket.PeerName().ToString(), Is.EqualTo("10.96.0.3:80"));
    });

    [Test]
    public void A_multipath_socket_dials_a_service_of_TCP([Values] bool isIpv6) => _lab.Pods[1].Run(() =>
    {
        using var socket = new RawSocket(isIpv6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork, SocketType.Stream, Mptcp, out var errno);
        if (errno is not Errno.None)
        {
            Assert.That(errno.ToString(), Is.EqualTo("EPROTONOSUPPORT").Or.EqualTo("93"));
            Assert.That(File.Exists("/proc/sys/net/mptcp/enabled"), Is.False, "a kernel with MPTCP must make such sockets");
            Assert.Pass("this kernel has no MPTCP");
        }

        Assert.That(socket.Connect(SocketName.Of(isIpv6 ? ServiceLab.ServiceV6() : ServiceLab.ServiceV4(), ServiceLab.ServicePort)), Is.EqualTo(Errno.None));
        Assert.That(Encoding.ASCII.GetString(socket.ReceiveFrom().Data), Is.EqualTo("pod2"));
    });
}
