using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Datapath.BpfObjects.Layout;
using Datapath.Kernel.Tests.Lab;

namespace Datapath.Kernel.Tests.Masquerade;

/// <summary>Echoes, errors, fragments.</summary>
[TestFixture(NatEngine.Ebpf)]
[TestFixture(NatEngine.Nftables, Category = "Load")] // the virtual machines have no modules of nf_tables
[LoadTest]
internal sealed class IcmpTests(NatEngine engine)
{
    private const int Patience = 5000;
    private NatLab _lab = null!;

    [TearDown]
    public void StopLab() => _lab.Dispose();

    [Test]
    public void An_echo_comes_back([Values] bool isIPv4, [Values(56, 3000)] int length)
    {
        _lab = new(engine);
        _lab.Masquerade.Apply(NatLab.Rules());
        using var socket = Raw(isIPv4, isIPv4 ? ProtocolType.Icmp : ProtocolType.IcmpV6);
        var address = isIPv4 ? NatLab.Outside4 : NatLab.Outside6;
        var echo = Echo(isIPv4, 77, length);
        _ = socket.SendTo(echo, new IPEndPoint(address, 0));
        var reply = Receive(socket, isIPv4, isIPv4 ? (byte)0 : (byte)129);
        Assert.That(reply[4..], Is.EqualTo(echo[4..]));
        var flow = _lab.Masquerade.ReadFlows().Single();
        Assert.That((flow.Source.Port, flow.IsAnswered), Is.EqualTo(((ushort)77, true)));
    }

    [Test]
    public void The_hops_of_a_way_tell_of_themselves([Values(ProtocolType.Udp, ProtocolType.Icmp, ProtocolType.Tcp)] ProtocolType protocol, [Values] bool isIPv4)
    {
        // The outside lies behind one more router, so that a packet which may pass two routers ends at the second.
        _lab = new(engine);
        _lab.Masquerade.Apply(NatLab.Rules());
        using var beyond = new Beyond(_lab);
        var address = isIPv4 ? Beyond.Address4 : Beyond.Address6;
        using var errors = Raw(isIPv4, isIPv4 ? ProtocolType.Icmp : ProtocolType.IcmpV6);
        using var prober = Prober(protocol, isIPv4);
        prober.Ttl = 2;
        _lab.Pod.Run(() => Probe(prober, protocol, isIPv4, address));
        var error = Receive(errors, isIPv4, isIPv4 ? (byte)11 : (byte)3);

        // It quotes the packet as the pod sent it.
        var quoted = error.AsSpan(8);
        var source = new IPAddress(isIPv4 ? quoted.Slice(12, 4) : quoted.Slice(8, 16));
        Assert.That(source, Is.EqualTo(isIPv4 ? NatLab.Pod4 : NatLab.Pod6));
        if (isIPv4)
            Assert.That(Sum(quoted[..20]), Is.EqualTo(0xffff), "the checksum of the quoted header");
        if (protocol is not ProtocolType.Icmp)
            Assert.That(BinaryPrimitives.ReadUInt16BigEndian(quoted[(isIPv4 ? 20 : 40)..]), Is.EqualTo(7000));
    }

    [Test]
    public void Datagrams_in_fragments_arrive_whole([Values] bool isIPv4)
    {
        _lab = new(engine);
        _lab.Masquerade.Apply(NatLab.Rules());
        using var callee = new Callee(_lab.Router, isIPv4 ? NatLab.Outside4 : NatLab.Outside6, ProtocolType.Udp);
        Assert.That(callee.TakeFrom(_lab.Pod, 3000, 8000), Is.EqualTo(new IPEndPoint(isIPv4 ? NatLab.Node4 : NatLab.Node6, 3000)));
    }

    [TestCase(ProtocolType.Tcp)]
    [TestCase(ProtocolType.Udp)]
    public void A_fragment_whose_first_has_not_been_seen_does_not_leave(ProtocolType protocol)
    {
        _lab = new(engine);
        _lab.Masquerade.Apply(NatLab.Rules());
        using var socket = _lab.Pod.Run(static () => new Socket(AddressFamily.InterNetwork, SocketType.Raw, ProtocolType.Raw));
        socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.HeaderIncluded, true);
        var packet = new byte[60];
        packet[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)packet.Length);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4), 4711); // the datagram's number
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(6), 185); // from byte 1480 on
        packet[8] = 64;
        packet[9] = (byte)protocol;
        NatLab.Pod4.GetAddressBytes().CopyTo(packet, 12);
        NatLab.Outside4.GetAddressBytes().CopyTo(packet, 16);
        _ = socket.SendTo(packet, new IPEndPoint(NatLab.Outside4, 0));
        Assert.That(_lab.Masquerade.ReadFlows(), Is.Empty);
        if (engine is NatEngine.Ebpf) // connection tracking keeps it until the others have come, and counts nothing
            Eventually.True(() => _lab.Ebpf.Sweep() >= 0 && _lab.Masquerade.ReadCounters()[nameof(NatCounter.RefusedFragmentExpired)] == 1, "a second has passed");

        // What is sent after it is there, and the router has had no fragment to put together.
        using var callee = new Callee(_lab.Router, NatLab.Outside4, ProtocolType.Udp);
        _ = callee.TakeFrom(_lab.Pod);
        Assert.That(_lab.Router.Run(static () => CounterOfIP("ReasmReqds")), Is.Zero);
    }

    // The file has a line of names and a line of numbers.
    private static long CounterOfIP(string name)
    {
        string[][] lines = [.. File.ReadLines("/proc/thread-self/net/snmp").Take(2).Select(static line => line.Split(' '))];
        return long.Parse(lines[1][Array.IndexOf(lines[0], name)], System.Globalization.CultureInfo.InvariantCulture);
    }

    internal static byte[] Echo(bool isIPv4, ushort identifier, int length)
    {
        var echo = new byte[8 + length];
        Random.Shared.NextBytes(echo.AsSpan(8));
        echo[0] = isIPv4 ? (byte)8 : (byte)128;
        BinaryPrimitives.WriteUInt16BigEndian(echo.AsSpan(4), identifier);
        if (isIPv4) // of IPv6 the kernel makes it
            BinaryPrimitives.WriteUInt16BigEndian(echo.AsSpan(2), (ushort)~Sum(echo));
        return echo;
    }

    internal static ushort Sum(ReadOnlySpan<byte> bytes)
    {
        var sum = 0u;
        for (var i = 0; i < bytes.Length; i += 2)
            sum += BinaryPrimitives.ReadUInt16BigEndian(bytes[i..]);
        while (sum >> 16 != 0)
            sum = (sum & 0xffff) + (sum >> 16);
        return (ushort)sum;
    }

    // Raw sockets of IPv4 get the IP header as well. Others' messages, as those of neighbours, are passed over.
    private static byte[] Receive(Socket socket, bool isIPv4, byte type)
    {
        var buffer = new byte[65536];
        while (true)
        {
            var length = socket.Receive(buffer);
            var message = buffer.AsSpan(isIPv4 ? (buffer[0] & 15) * 4 : 0, length - (isIPv4 ? (buffer[0] & 15) * 4 : 0));
            if (message[0] == type)
                return message.ToArray();
        }
    }

    private static void Probe(Socket prober, ProtocolType protocol, bool isIPv4, IPAddress address)
    {
        if (protocol is ProtocolType.Icmp)
            _ = prober.SendTo(Echo(isIPv4, 78, 56), new IPEndPoint(address, 0));
        else if (protocol is ProtocolType.Udp)
            _ = prober.SendTo(new byte[32], new IPEndPoint(address, 33434));
        else
            Assert.That(() => prober.Connect(address, 33434), Throws.TypeOf<SocketException>()); // it goes on in the background
    }

    private Socket Raw(bool isIPv4, ProtocolType protocol) => _lab.Pod.Run(() =>
        new Socket(isIPv4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6, SocketType.Raw, protocol) { ReceiveTimeout = Patience });

    private Socket Prober(ProtocolType protocol, bool isIPv4) => protocol is ProtocolType.Icmp
        ? Raw(isIPv4, isIPv4 ? ProtocolType.Icmp : ProtocolType.IcmpV6)
        : _lab.Pod.Run(() =>
        {
            var socket = new Socket(isIPv4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6, protocol is ProtocolType.Tcp ? SocketType.Stream : SocketType.Dgram, protocol);
            socket.Bind(new IPEndPoint(isIPv4 ? IPAddress.Any : IPAddress.IPv6Any, 7000));
            socket.Blocking = protocol is not ProtocolType.Tcp;
            return socket;
        });
}
