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
        [Values(SocketRow.Ipv4Socket, SocketRow.Ipv6Socket, SocketRow.Ipv6SocketMappedAddress)] SocketRow row) =>
        _lab.Pods[1].Run(() =>
        {
            using var socket = row.Open(SocketType.Stream);
            Assert.That(socket.Connect(Service(row, 1)), Is.EqualTo(Errno.None));
            Assert.That(Text(socket.ReceiveFrom().Data), Is.EqualTo("pod2").Or.EqualTo("pod3"));
        });

    [Test]
    public void Tcp_getpeername_tells_the_service([Values(SocketRow.Ipv4Socket, SocketRow.Ipv6Socket, SocketRow.Ipv6SocketMappedAddress)] SocketRow row) =>
        _lab.Pods[1].Run(() =>
        {
            using var socket = row.Open(SocketType.Stream);
            Assert.That(socket.Connect(Service(row, 1)), Is.EqualTo(Errno.None));
            Assert.That(socket.PeerName().ToString(), Is.EqualTo(SeenService(row, 1).ToString()));
        });

    [Test]
    public void Connected_udp_reaches_a_backend_and_answers_come_from_the_service([Values] SocketRow row) =>
        _lab.Pods[1].Run(() =>
        {
            using var socket = row.Open(SocketType.Dgram);
            Assert.That(socket.Connect(Service(row, 1)), Is.EqualTo(Errno.None));
            Assert.That(socket.PeerName().ToString(), Is.EqualTo(SeenService(row, 1).ToString()));
            Assert.That(socket.Send("who"u8), Is.EqualTo(Errno.None));
            var answer = socket.ReceiveFrom();
            Assert.That(answer.Errno, Is.EqualTo(Errno.None));
            Assert.That(Text(answer.Data), Is.EqualTo("pod2").Or.EqualTo("pod3"));
            Assert.That(answer.From.ToString(), Is.EqualTo(SeenService(row, 1).ToString()));
        });

    [Test]
    public void Unconnected_udp_reaches_a_backend_and_answers_come_from_the_service([Values] SocketRow row) =>
        _lab.Pods[1].Run(() =>
        {
            using var socket = row.Open(SocketType.Dgram);
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
    public void A_send_with_an_address_on_a_connected_socket_goes_to_that_service([Values] SocketRow row) =>
        _lab.Pods[1].Run(() =>
        {
            _ = _lab.Apply(ServiceLab.Service(3, 3));
            using var socket = row.Open(SocketType.Dgram);
            Assert.That(socket.Connect(Backend(row, 3)), Is.EqualTo(Errno.None));
            Assert.That(socket.SendTo("who"u8, Service(row, 3)), Is.EqualTo(Errno.None));
            var answer = socket.ReceiveFrom();
            Assert.That(Text(answer.Data), Is.EqualTo("pod3"));
            Assert.That(answer.From.ToString(), Is.EqualTo(SeenService(row, 3).ToString()));
        });

    [Test]
    public void Addresses_that_are_no_service_stay_as_they_are([Values] SocketRow row) =>
        _lab.Pods[1].Run(() =>
        {
            using var socket = row.Open(SocketType.Dgram);
            Assert.That(socket.SendTo("who"u8, Backend(row, 2)), Is.EqualTo(Errno.None));
            var answer = socket.ReceiveFrom();
            Assert.That(Text(answer.Data), Is.EqualTo("pod2"));
            Assert.That(answer.From.ToString(), Is.EqualTo(row.Seen(PodNetwork.V4(2), PodNetwork.V6(2), ServiceLab.BackendPort).ToString()));
        });

    [Test]
    public void A_socket_that_connects_on_to_a_backend_itself_sees_the_backend([Values] SocketRow row) =>
        _lab.Pods[1].Run(() =>
        {
            _ = _lab.Apply(ServiceLab.Service(3, 3));
            using var socket = row.Open(SocketType.Dgram);
            Assert.That(socket.Connect(Service(row, 3)), Is.EqualTo(Errno.None));
            Assert.That(socket.Connect(Backend(row, 3)), Is.EqualTo(Errno.None));
            Assert.That(socket.PeerName().ToString(), Is.EqualTo(row.Seen(PodNetwork.V4(3), PodNetwork.V6(3), ServiceLab.BackendPort).ToString()));
        });

    [Test]
    public void A_service_without_backends_refuses_the_dial([Values] SocketRow row) =>
        _lab.Pods[1].Run(() =>
        {
            if (row is not SocketRow.Ipv6SocketIpv4Address)
            {
                using var tcp = row.Open(SocketType.Stream);
                Assert.That(tcp.Connect(Service(row, 2)), Is.EqualTo(Errno.ECONNREFUSED));
            }

            using var connected = row.Open(SocketType.Dgram);
            Assert.That(connected.Connect(Service(row, 2)), Is.EqualTo(Errno.ECONNREFUSED));
            using var unconnected = row.Open(SocketType.Dgram);
            Assert.That(unconnected.SendTo("who"u8, Service(row, 2)), Is.EqualTo(Errno.ECONNREFUSED));
        });

    private static SocketName Service(SocketRow row, int number) =>
        row.Name(ServiceLab.ServiceV4(number), ServiceLab.ServiceV6(number), ServiceLab.ServicePort);

    private static SocketName Backend(SocketRow row, int pod) => row.Name(PodNetwork.V4(pod), PodNetwork.V6(pod), ServiceLab.BackendPort);

    private static SocketName SeenService(SocketRow row, int number) =>
        row.Seen(ServiceLab.ServiceV4(number), ServiceLab.ServiceV6(number), ServiceLab.ServicePort);

    private static string Text(byte[] data) => Encoding.ASCII.GetString(data);
}
