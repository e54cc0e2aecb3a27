using System.Net;
using System.Net.Sockets;
using System.Text;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;

namespace Datapath.Kernel.Tests.Services;

/// <summary>Every kind of socket with every kind of address, as C programs combine them.</summary>
[TestFixture]
internal sealed class SocketTableTests
{
    private ServiceLab _lab = null!;

    public enum Row
    {
        Ipv4Socket,
        Ipv6Socket,
        Ipv6SocketMappedAddress,
        Ipv6SocketIpv4Address,
    }

    [OneTimeSetUp]
    public void StartLab()
    {
        _lab = new();
        _ = _lab.Apply(ServiceLab.Service(1, 2, 3));
        _ = _lab.Apply(ServiceLab.Service(2));
    }

    [OneTimeTearDown]
    public void StopLab() => _lab.Dispose();

    [Test]
    public void Tcp_connect_reaches_a_backend_and_the_peer_is_the_service(
        [Values(Row.Ipv4Socket, Row.Ipv6Socket, Row.Ipv6SocketMappedAddress)] Row row) =>
        _lab.Pods[1].Run(() =>
        {
            using var socket = Open(row, SocketType.Stream);
            Assert.That(socket.Connect(Service(row, 1)), Is.EqualTo(Errno.None));
            Assert.That(Text(socket.ReceiveFrom().Data), Is.EqualTo("pod2").Or.EqualTo("pod3"));
        });

    [Test]
    public void Tcp_getpeername_tells_the_service([Values(Row.Ipv4Socket, Row.Ipv6Socket, Row.Ipv6SocketMappedAddress)] Row row) =>
        _lab.Pods[1].Run(() =>
        {
            using var socket = Open(row, SocketType.Stream);
            Assert.That(socket.Connect(Service(row, 1)), Is.EqualTo(Errno.None));
            Assert.That(socket.PeerName().ToString(), Is.EqualTo(SeenService(row, 1).ToString()));
        });

    [Test]
    public void Connected_udp_reaches_a_backend_and_answers_come_from_the_service([Values] Row row) =>
        _lab.Pods[1].Run(() =>
        {
            using var socket = Open(row, SocketType.Dgram);
            Assert.That(socket.Connect(Service(row, 1)), Is.EqualTo(Errno.None));
            Assert.That(socket.PeerName().ToString(), Is.EqualTo(SeenService(row, 1).ToString()));
            Assert.That(socket.Send("who"u8), Is.EqualTo(Errno.None));
            var answer = socket.ReceiveFrom();
            Assert.That(answer.Errno, Is.EqualTo(Errno.None));
            Assert.That(Text(answer.Data), Is.EqualTo("pod2").Or.EqualTo("pod3"));
            Assert.That(answer.From.ToString(), Is.EqualTo(SeenService(row, 1).ToString()));
        });

    [Test]
    public void Unconnected_udp_reaches_a_backend_and_answers_come_from_the_service([Values] Row row) =>
        _lab.Pods[1].Run(() =>
        {
            using var socket = Open(row, SocketType.Dgram);
            for (var i = 0; i < 3; i++)
            {
                Assert.That(socket.SendTo("who"u8, Service(row, 1)), Is.EqualTo(Errno.None));
                var answer = socket.ReceiveFrom();
                Assert.That(answer.Errno, Is.EqualTo(Errno.None));
                Assert.That(Text(answer.Data), Is.EqualTo("pod2").Or.EqualTo("pod3"));
                Assert.That(answer.From.ToString(), Is.EqualTo(SeenService(row, 1).ToString()));
            }
        });

    [Test]
    public void A_send_with_an_address_on_a_connected_socket_goes_to_that_service([Values] Row row) =>
        _lab.Pods[1].Run(() =>
        {
            _ = _lab.Apply(ServiceLab.Service(3, 3));
            using var socket = Open(row, SocketType.Dgram);
            Assert.That(socket.Connect(Backend(row, 3)), Is.EqualTo(Errno.None));
            Assert.That(socket.SendTo("who"u8, Service(row, 3)), Is.EqualTo(Errno.None));
            var answer = socket.ReceiveFrom();
            Assert.That(Text(answer.Data), Is.EqualTo("pod3"));
            Assert.That(answer.From.ToString(), Is.EqualTo(SeenService(row, 3).ToString()));
        });

    [Test]
    public void Addresses_that_are_no_service_stay_as_they_are([Values] Row row) =>
        _lab.Pods[1].Run(() =>
        {
            using var socket = Open(row, SocketType.Dgram);
            Assert.That(socket.SendTo("who"u8, Backend(row, 2)), Is.EqualTo(Errno.None));
            var answer = socket.ReceiveFrom();
            Assert.That(Text(answer.Data), Is.EqualTo("pod2"));
            Assert.That(answer.From.ToString(), Is.EqualTo(Seen(row, PodNetwork.V4(2), PodNetwork.V6(2), ServiceLab.BackendPort).ToString()));
        });

    [Test]
    public void A_socket_that_connects_on_to_a_backend_itself_sees_the_backend([Values] Row row) =>
        _lab.Pods[1].Run(() =>
        {
            _ = _lab.Apply(ServiceLab.Service(3, 3));
            using var socket = Open(row, SocketType.Dgram);
            Assert.That(socket.Connect(Service(row, 3)), Is.EqualTo(Errno.None));
            Assert.That(socket.Connect(Backend(row, 3)), Is.EqualTo(Errno.None));
            Assert.That(socket.PeerName().ToString(), Is.EqualTo(Seen(row, PodNetwork.V4(3), PodNetwork.V6(3), ServiceLab.BackendPort).ToString()));
        });

    [Test]
    public void A_service_without_backends_refuses_the_dial([Values] Row row) =>
        _lab.Pods[1].Run(() =>
        {
            if (row is not Row.Ipv6SocketIpv4Address)
            {
                using var tcp = Open(row, SocketType.Stream);
                Assert.That(tcp.Connect(Service(row, 2)), Is.EqualTo(Errno.ECONNREFUSED));
            }

            using var connected = Open(row, SocketType.Dgram);
            Assert.That(connected.Connect(Service(row, 2)), Is.EqualTo(Errno.ECONNREFUSED));
            using var unconnected = Open(row, SocketType.Dgram);
            Assert.That(unconnected.SendTo("who"u8, Service(row, 2)), Is.EqualTo(Errno.ECONNREFUSED));
        });

    private static RawSocket Open(Row row, SocketType type) =>
        new(row is Row.Ipv4Socket ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6, type);

    private static SocketName Service(Row row, int number) =>
        Name(row, ServiceLab.ServiceV4(number), ServiceLab.ServiceV6(number), ServiceLab.ServicePort);

    private static SocketName Backend(Row row, int pod) => Name(row, PodNetwork.V4(pod), PodNetwork.V6(pod), ServiceLab.BackendPort);

    /// <summary>The address that the program names.</summary>
    private static SocketName Name(Row row, IPAddress v4, IPAddress v6, int port) => SocketName.Of(
        row switch
        {
            Row.Ipv4Socket or Row.Ipv6SocketIpv4Address => v4,
            Row.Ipv6Socket => v6,
            _ => v4.MapToIPv6(),
        },
        port);

    /// <summary>The address that the program is told: an IPv6 socket always sees IPv6 addresses.</summary>
    private static SocketName SeenService(Row row, int number) =>
        Seen(row, ServiceLab.ServiceV4(number), ServiceLab.ServiceV6(number), ServiceLab.ServicePort);

    private static SocketName Seen(Row row, IPAddress v4, IPAddress v6, int port) =>
        Name(row is Row.Ipv6SocketIpv4Address ? Row.Ipv6SocketMappedAddress : row, v4, v6, port);

    private static string Text(byte[] data) => Encoding.ASCII.GetString(data);
}
