using System.Net;
using System.Net.Sockets;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Netlink;

namespace Datapath.Kernel.Tests.Masquerade;

/// <summary>Packets are right on the wire, whoever computes their checksums and cuts them, and however they are framed.</summary>
[LoadTest]
internal sealed class WireTests
{
    private const int SolSocket = 1;
    private const int SoNoCheck = 11;
    private NatLab _lab = null!;

    [SetUp]
    public void StartLab()
    {
        _lab = new();
        _lab.Masquerade.Apply(NatLab.Rules());
    }

    [TearDown]
    public void StopLab() => _lab.Dispose();

    [Test]
    public void Checksums_are_right_whether_the_pod_or_the_node_computes_them(
        [Values(ProtocolType.Tcp, ProtocolType.Udp)] ProtocolType protocol, [Values] bool isIPv4, [Values] bool podComputes)
    {
        // What leaves the node has its checksums. What leaves the pod has them, or is left to the node together with the cutting into packets.
        Offload.SetChecksums(_lab.Pod, "eth0", !podComputes);
        Offload.SetChecksums(_lab.Node, "eth0", isOn: false);
        using var callee = new Callee(_lab.Router, isIPv4 ? NatLab.Outside4 : NatLab.Outside6, protocol);
        using var wire = new Wire(_lab.Router);
        _ = callee.TakeFrom(_lab.Pod, 5000, protocol is ProtocolType.Tcp ? 1 << 18 : 999);
        var packets = wire.Take(isIPv4 ? NatLab.Node4 : NatLab.Node6, protocol is ProtocolType.Tcp ? 30 : 1).ToList();
        Assert.That(packets.Where(packet => !packet.IsRight || packet.Protocol != protocol || packet.Length > 1500), Is.Empty);
    }

    [Test]
    public void Answers_have_the_right_checksums([Values(ProtocolType.Tcp, ProtocolType.Udp)] ProtocolType protocol, [Values] bool isIPv4)
    {
        // The device by which they leave to the pod is the one that finishes them.
        Offload.SetChecksums(_lab.Node, "pod0", isOn: false);
        var outside = isIPv4 ? NatLab.Outside4 : NatLab.Outside6;
        using var callee = new Callee(_lab.Router, outside, protocol);
        using var wire = new Wire(_lab.Pod);
        _ = callee.TakeFrom(_lab.Pod, 5000, protocol is ProtocolType.Tcp ? 1 << 18 : 999);
        var packets = wire.Take(outside, protocol is ProtocolType.Tcp ? 30 : 1).ToList();
        Assert.That(packets.Where(static packet => !packet.IsRight), Is.Empty);
    }

    [Test]
    public void A_datagram_without_a_checksum_stays_without()
    {
        using var callee = new Callee(_lab.Router, NatLab.Outside4, ProtocolType.Udp);
        using var client = callee.Connect(_lab.Pod, 70);
        client.SetRawSocketOption(SolSocket, SoNoCheck, [1, 0, 0, 0]);
        using var wire = new Wire(_lab.Router);
        Assert.That(callee.Exchange(client).Port, Is.Not.EqualTo(70), "it is given another port");
        Assert.That(wire.Take(NatLab.Node4, 1).Single(), Is.EqualTo(new WirePacket(NatLab.Node4, ProtocolType.Udp, 36, Checksum: 0, IsRight: true)));
    }

    [Test]
    public void A_device_of_a_VLAN_translates([Values(ProtocolType.Tcp, ProtocolType.Udp)] ProtocolType protocol, [Values] bool isIPv4)
    {
        var (own, outside) = isIPv4 ? (IPAddress.Parse("192.168.97.1"), IPAddress.Parse("192.168.97.2")) : (IPAddress.Parse("fd97::1"), IPAddress.Parse("fd97::2"));
        using (var node = _lab.Node.OpenRouteNetlink())
        {
            try
            {
                AddVlan(node, own);
            }
            catch (NetlinkException e) when (e.Errno is Errno.EOPNOTSUPP)
            {
                Assert.Ignore("this kernel has no VLAN interfaces");
            }
        }

        using (var router = _lab.Router.OpenRouteNetlink())
            AddVlan(router, outside);
        _lab.Reopen(_lab.Options with { Devices = ["eth0", "vlan5"] });
        _lab.Masquerade.Apply(NatLab.Rules());
        using var callee = new Callee(_lab.Router, outside, protocol);
        Assert.That(callee.TakeFrom(_lab.Pod, 5000, protocol is ProtocolType.Tcp ? 1 << 18 : 999), Is.EqualTo(new IPEndPoint(own, 5000)));

        void AddVlan(RouteNetlink route, IPAddress address) =>
            NatLab.Configure(route, route.CreateVlan("vlan5", route.GetLink("eth0").Index, 5), (address, isIPv4 ? 24 : 64));
    }
}
