using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Datapath.BpfObjects.Layout;
using Datapath.Kernel.Tests.Lab;

namespace Datapath.Kernel.Tests.Masquerade;

/// <summary>Fragments of datagrams that leave, in whatever order.</summary>
[LoadTest]
internal sealed class FragmentTests
{
    private const int Half = 800; // of a datagram, a multiple of 8
    private NatLab _lab = null!;
    private Socket _callee = null!;
    private Socket _caller = null!;

    private ushort Port => (ushort)((IPEndPoint)_callee.LocalEndPoint!).Port;

    [SetUp]
    public void StartLab()
    {
        _lab = new();
        _lab.Masquerade.Apply(NatLab.Rules());
        _callee = _lab.Router.Run(static () => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 5000 });
        _callee.Bind(new IPEndPoint(NatLab.Outside4, 0));
        _caller = _lab.Pod.Run(static () => new Socket(AddressFamily.InterNetwork, SocketType.Raw, ProtocolType.Raw));
        _caller.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.HeaderIncluded, true);
    }

    [TearDown]
    public void StopLab()
    {
        _caller.Dispose();
        _callee.Dispose();
        _lab.Dispose();
    }

    [Test]
    public void Fragments_of_datagrams_that_alternate_find_their_own()
    {
        var (one, other) = (Datagram(6000), Datagram(6001));
        Send(1, one, isLast: false);
        Send(2, other, isLast: false);
        Send(1, one, isLast: true);
        Send(2, other, isLast: true);
        Expect(6000, one);
        Expect(6001, other);
    }

    [Test]
    public void The_number_of_a_datagram_may_come_again()
    {
        var (one, other) = (Datagram(6000), Datagram(6001));
        foreach (var datagram in new[] { one, other })
        {
            Send(7, datagram, isLast: false);
            Send(7, datagram, isLast: true);
        }

        Expect(6000, one);
        Expect(6001, other);
    }

    [Test]
    public void A_later_fragment_that_comes_first_is_dropped_and_counted()
    {
        var datagram = Datagram(6000);
        Send(1, datagram, isLast: true);
        Send(1, datagram, isLast: false);
        Assert.That(_lab.Masquerade.ReadCounters()[nameof(NatCounter.RefusedFragment)], Is.EqualTo(1));
        Send(2, datagram, isLast: false);
        Send(2, datagram, isLast: true);
        Expect(6000, datagram);
    }

    private byte[] Datagram(ushort sourcePort)
    {
        var datagram = new byte[2 * Half];
        Random.Shared.NextBytes(datagram);
        BinaryPrimitives.WriteUInt16BigEndian(datagram, sourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(2), Port);
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(4), (ushort)datagram.Length);
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(6), 0); // no checksum
        return datagram;
    }

    private void Send(ushort number, byte[] datagram, bool isLast)
    {
        var packet = new byte[20 + Half];
        packet[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)packet.Length);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4), number);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(6), isLast ? (ushort)(Half / 8) : (ushort)0x2000);
        packet[8] = 64;
        packet[9] = (byte)ProtocolType.Udp;
        NatLab.Pod4.GetAddressBytes().CopyTo(packet, 12);
        NatLab.Outside4.GetAddressBytes().CopyTo(packet, 16);
        datagram.AsSpan(isLast ? Half : 0, Half).CopyTo(packet.AsSpan(20));
        _ = _caller.SendTo(packet, new IPEndPoint(NatLab.Outside4, 0));
    }

    private void Expect(int sourcePort, byte[] datagram)
    {
        var heard = new byte[4096];
        EndPoint from = new IPEndPoint(IPAddress.Any, 0);
        var length = _callee.ReceiveFrom(heard, ref from);
        Assert.That(from, Is.EqualTo(new IPEndPoint(NatLab.Node4, sourcePort)));
        Assert.That(heard[..length], Is.EqualTo(datagram[8..]));
    }
}
