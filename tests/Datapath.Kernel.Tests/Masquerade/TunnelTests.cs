using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Datapath.Kernel.Tests.Lab;
using Datapath.Kernel.Tests.Masquerade.Fragments;
using Datapath.Linux.Namespaces;

namespace Datapath.Kernel.Tests.Masquerade;

/// <summary>Devices without link headers, and with others inside packets: the IP header is where it is.</summary>
[LoadTest]
internal sealed class TunnelTests
{
    private static readonly IPAddress s_own4 = IPAddress.Parse("192.168.96.1");
    private static readonly IPAddress s_own6 = IPAddress.Parse("fd96::1");
    private static readonly IPAddress s_far4 = IPAddress.Parse("192.168.96.2");
    private static readonly IPAddress s_far6 = IPAddress.Parse("fd96::2");
    private NatLab _lab = null!;

    [SetUp]
    public void StartLab() => _lab = new();

    [TearDown]
    public void StopLab() => _lab.Dispose();

    [Test]
    public void Packets_that_begin_with_the_IP_header_are_translated_out_and_in([Values] bool isIPv4)
    {
        using var tunnel = new Tunnel(_lab.Node, "tun0");
        using (var node = _lab.Node.OpenRouteNetlink())
            NatLab.Configure(node, node.GetLink("tun0").Index, (s_own4, 24), (s_own6, 64));
        TranslateAt("tun0");
        var (own, far) = isIPv4 ? (s_own4, s_far4) : (s_own6, s_far6);
        using var client = _lab.Pod.Run(() => new Socket(far.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 5000 });
        _lab.Pod.Run(() => client.Connect(far, 7));

        // The first begins a flow, the others are of one that is known.
        foreach (var sent in new byte[][] { [1, 2, 3], [4, 5, 6, 7], [8] })
        {
            _ = client.Send(sent);
            var packet = tunnel.Take(static packet => WirePacket.Read(packet) is { Protocol: ProtocolType.Udp });
            Assert.That(WirePacket.Read(packet), Has.Property(nameof(WirePacket.Source)).EqualTo(own).And.Property(nameof(WirePacket.IsRight)).True);
            tunnel.Give(AnswerTo(packet));
            var answer = new byte[16];
            Assert.That(answer[..client.Receive(answer)], Is.EqualTo(sent));
        }
    }

    [Test]
    public void A_VXLAN_device_translates([Values(ProtocolType.Tcp, ProtocolType.Udp)] ProtocolType protocol, [Values] bool isIPv4)
    {
        AddVxlan();
        using var callee = new Callee(_lab.Router, isIPv4 ? s_far4 : s_far6, protocol);
        Assert.That(callee.TakeFrom(_lab.Pod, 5000, protocol is ProtocolType.Tcp ? 1 << 18 : 999), Is.EqualTo(new IPEndPoint(isIPv4 ? s_own4 : s_own6, 5000)));
    }

    /// <summary>What waited leaves by the inner device in the midst of a program, and by the outer one in the midst of that.</summary>
    [Test]
    public void Fragments_wait_for_their_first_at_a_VXLAN_device([Values] bool isIPv4)
    {
        AddVxlan();
        var (own, far) = isIPv4 ? (s_own4, s_far4) : (s_own6, s_far6);
        using var callee = Bind(_lab.Router, far);
        using var caller = Bind(_lab.Pod, isIPv4 ? NatLab.Pod4 : NatLab.Pod6);
        var (calleeEnd, callerEnd) = ((IPEndPoint)callee.LocalEndPoint!, (IPEndPoint)caller.LocalEndPoint!);
        var buffer = new byte[4096];
        EndPoint from = new IPEndPoint(own, 0);
        for (var number = 1u; number <= 3; number++)
        {
            var outward = new CutDatagram(callerEnd, calleeEnd, number);
            outward.SendBackwards(_lab.Pod);
            Assert.That(buffer[..callee.ReceiveFrom(buffer, ref from)], Is.EqualTo(outward.Content));
            Assert.That(from, Is.EqualTo(new IPEndPoint(own, callerEnd.Port)));
            var inward = new CutDatagram(calleeEnd, (IPEndPoint)from, number);
            inward.SendBackwards(_lab.Router);
            Assert.That(buffer[..caller.Receive(buffer)], Is.EqualTo(inward.Content));
        }
    }

    private static Socket Bind(NetworkNamespace network, IPAddress address) => network.Run(() =>
    {
        var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 5000 };
        socket.Bind(new IPEndPoint(address, 0));
        return socket;
    });

    // The outer packets have checksums that the machines compute, so that inside the sum of the whole packet is known (CHECKSUM_COMPLETE).
    private void AddVxlan()
    {
        Offload.SetChecksums(_lab.Router, "eth0", isOn: false);
        using (var node = _lab.Node.OpenRouteNetlink())
            Add(node, NatLab.Node4, IPAddress.Parse("192.168.98.2"), s_own4, s_own6);
        using (var router = _lab.Router.OpenRouteNetlink())
            Add(router, IPAddress.Parse("192.168.98.2"), NatLab.Node4, s_far4, s_far6);
        TranslateAt("vxlan0");

        static void Add(Linux.Netlink.RouteNetlink route, IPAddress local, IPAddress remote, IPAddress inner4, IPAddress inner6) =>
            NatLab.Configure(route, route.CreateVxlan("vxlan0", new() { Id = 96, Local = local, Remote = remote, Port = 4789 }), (inner4, 24), (inner6, 64));
    }

    private void TranslateAt(string device)
    {
        _lab.Reopen(_lab.Options with { Devices = ["eth0", device] });
        _lab.Masquerade.Apply(NatLab.Rules());
    }

    // With both ends exchanged all sums stay as they are.
    private static byte[] AnswerTo(byte[] packet)
    {
        var answer = packet.ToArray();
        var (addresses, length, ports) = packet[0] >> 4 == 4 ? (12, 4, 20) : (8, 16, 40);
        packet.AsSpan(addresses, length).CopyTo(answer.AsSpan(addresses + length));
        packet.AsSpan(addresses + length, length).CopyTo(answer.AsSpan(addresses));
        BinaryPrimitives.WriteUInt32BigEndian(answer.AsSpan(ports), uint.RotateLeft(BinaryPrimitives.ReadUInt32BigEndian(packet.AsSpan(ports)), 16));
        return answer;
    }
}
