using System.Buffers.Binary;
using System.Net.Sockets;

namespace Datapath.Kernel.Tests.Masquerade;

/// <summary>A router on the way has a link for shorter packets, and says so to the pod.</summary>
internal sealed class PathMtuTests
{
    private const int IpMtu = 14;
    private const int Ipv6Mtu = 24;
    private const int Mtu = 1300;

    [Test]
    public void A_pod_learns_how_long_its_packets_may_be([Values] bool isIPv4)
    {
        using var lab = new NatLab();
        lab.Masquerade.Apply(NatLab.Rules());
        using var beyond = new Beyond(lab, Mtu);
        using var callee = new Callee(beyond.Network, isIPv4 ? Beyond.Address4 : Beyond.Address6, ProtocolType.Tcp);
        using var client = callee.Connect(lab.Pod);
        Assert.That(callee.Exchange(client, 1 << 20).Address, Is.EqualTo(isIPv4 ? NatLab.Node4 : NatLab.Node6));
        var learnt = new byte[4];
        _ = client.GetRawSocketOption((int)(isIPv4 ? SocketOptionLevel.IP : SocketOptionLevel.IPv6), isIPv4 ? IpMtu : Ipv6Mtu, learnt);
        Assert.That(BinaryPrimitives.ReadInt32LittleEndian(learnt), Is.EqualTo(Mtu));
    }
}
