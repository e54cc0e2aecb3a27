using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Datapath.Kernel.Tests.Lab;

namespace Datapath.Kernel.Tests.Masquerade;

/// <summary>A router on the way has a link for shorter packets, and says so to the pod.</summary>
[LoadTest]
internal sealed class PathMtuTests
{
    private const int IpMtu = 14;
    private const int Ipv6Mtu = 24;
    private const int Mtu = 1300;
    private const int Patience = 30_000; // also of emulated machines

    [Test]
    public void A_pod_learns_how_long_its_packets_may_be([Values] bool isIPv4)
    {
        using var lab = new NatLab();
        lab.Masquerade.Apply(NatLab.Rules());
        using var beyond = new Beyond(lab, Mtu);
        var address = isIPv4 ? Beyond.Address4 : Beyond.Address6;
        using var listener = beyond.Network.Run(() => new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
        listener.Bind(new IPEndPoint(address, 0));
        listener.Listen();
        using var client = lab.Pod.Run(() => new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { SendTimeout = Patience });
        client.Connect(listener.LocalEndPoint!);
        using var server = listener.Accept();
        server.ReceiveTimeout = Patience;
        Assert.That(((IPEndPoint)server.RemoteEndPoint!).Address, Is.EqualTo(isIPv4 ? NatLab.Node4 : NatLab.Node6));

        // One way only: what comes back would be too long for the router's end of the same link, which says nothing.
        var sent = new byte[1 << 20];
        Random.Shared.NextBytes(sent);
        var sending = Task.Run(() => client.Send(sent));
        var received = new byte[sent.Length];
        for (var read = 0; read < received.Length;)
            read += server.Receive(received.AsSpan(read)) is var count and > 0 ? count : throw new AssertionException("the connection has ended");
        Assert.That((sending.Result, received), Is.EqualTo((sent.Length, sent)));
        var learnt = new byte[4];
        _ = client.GetRawSocketOption((int)(isIPv4 ? SocketOptionLevel.IP : SocketOptionLevel.IPv6), isIPv4 ? IpMtu : Ipv6Mtu, learnt);
        Assert.That(BinaryPrimitives.ReadInt32LittleEndian(learnt), Is.EqualTo(Mtu));
    }
}
