using System.Net;
using System.Net.Sockets;
using Datapath.Kernel.Tests.Lab;
using Datapath.Policy;

namespace Datapath.Kernel.Tests.Masquerade;

/// <summary>What is for many keeps its source: no answer could be told from those to others.</summary>
[TestFixture(NatEngine.Ebpf)]
[TestFixture(NatEngine.Nftables)]
[LoadTest]
internal sealed class MulticastTests(NatEngine engine)
{
    private static readonly IPAddress s_source4 = IPAddress.Parse("10.98.0.1"); // of the node, from the range of the pods
    private static readonly IPAddress s_source6 = IPAddress.Parse("fd98::1");

    [TestCase("224.0.0.251", false)]
    [TestCase("239.1.2.3", false)]
    [TestCase("255.255.255.255", false)]
    [TestCase("ff02::fb", false)]
    [TestCase("ff05::1:3", false)]
    [TestCase("198.51.100.1", true)]
    [TestCase("2001:db8:99::1", true)]
    public void Packets_for_many_keep_their_source(string destination, bool isTranslated)
    {
        using var lab = new NatLab(engine);
        lab.Masquerade.Apply(MasqueradeCompiler.Compile(new()
        {
            Configuration = new() { PodCidrs = [IPNetwork.Parse("10.98.0.0/24"), IPNetwork.Parse("fd98::/64")], MasqueradeCidrs = [IPNetwork.Parse("0.0.0.0/0"), IPNetwork.Parse("::/0")] },
            Node = new() { Name = "node-a", Addresses = [new(NatLab.Node4), new(NatLab.Node6)] },
        }).State!);
        var to = IPAddress.Parse(destination);
        var isIPv4 = to.AddressFamily is AddressFamily.InterNetwork;
        var (own, node) = isIPv4 ? (s_source4, NatLab.Node4) : (s_source6, NatLab.Node6);
        using var wire = new Wire(lab.Router);
        lab.Node.Run(() =>
        {
            using var socket = new Socket(to.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            if (isIPv4)
                socket.EnableBroadcast = true;
            socket.SetRawSocketOption(1, 25, "eth0\0"u8); // SO_BINDTODEVICE
            socket.Bind(new IPEndPoint(own, 5353));
            _ = socket.SendTo([1, 2, 3], new IPEndPoint(to, 5353));
        });
        Assert.That(wire.Take(isTranslated ? node : own, 1).Single(), Has.Property(nameof(WirePacket.Protocol)).EqualTo(ProtocolType.Udp));
    }
}
