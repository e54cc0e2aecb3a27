using System.Buffers.Binary;
using System.Net;
using Datapath.BpfObjects.Layout;
using Datapath.Kernel.Tests.Lab;
using Datapath.Kernel.Tests.Masquerade.Fragments;
using Datapath.Linux;

namespace Datapath.Kernel.Tests.Masquerade;

/// <summary>
/// Packets behind tags of VLANs and labels of MPLS that stand in the frame itself: none leaves with the pod's address by that. The pod and the uplink are at one
/// bridge, which takes the outermost tag of a VLAN out of the frame.
/// </summary>
[TestFixture(true)]
[TestFixture(false)]
[LoadTest]
internal sealed class TaggedFrameTests(bool isIPv4)
{
    private const ushort Vlan = 0x8100;
    private const ushort ServiceVlan = 0x88a8;
    private const ushort Mpls = 0x8847;
    private const ushort Arp = 0x0806;
    private const int Ethernet = 14;
    private readonly IPAddress _pod = isIPv4 ? NatLab.Pod4 : NatLab.Pod6;
    private readonly IPAddress _node = isIPv4 ? NatLab.Node4 : NatLab.Node6;
    private readonly IPAddress _outside = isIPv4 ? NatLab.Outside4 : NatLab.Outside6;
    private NatLab _lab = null!;
    private FrameSocket _inner = null!;
    private FrameSocket _outer = null!;

    [SetUp]
    public void StartLab()
    {
        _lab = new();
        using (var node = _lab.Node.OpenRouteNetlink())
        {
            var bridge = node.CreateBridge("bridge0");
            node.SetLinkUp(bridge);
            node.SetLinkMaster(node.GetLink("pod0").Index, bridge);
            node.SetLinkMaster(node.GetLink("eth0").Index, bridge);
        }

        (_inner, _outer) = (new(_lab.Pod, "eth0"), new(_lab.Router, "eth0"));
    }

    [TearDown]
    public void StopLab()
    {
        _outer.Dispose();
        _inner.Dispose();
        _lab.Dispose();
    }

    [TestCase(Vlan)]
    [TestCase(Vlan, Vlan)]
    [TestCase(ServiceVlan, Vlan)]
    [TestCase(Vlan, Vlan, Vlan, Vlan, Vlan)]
    [TestCase(Mpls)]
    [TestCase(Mpls, Mpls, Mpls)]
    [TestCase(Vlan, Mpls, Mpls)]
    public void A_packet_behind_them_is_translated_out_and_in(params int[] tags)
    {
        _lab.Masquerade.Apply(NatLab.Rules());
        foreach (var content in new byte[][] { [1, 2, 3, 4], [5, 6] }) // of a flow that begins, and of one that is known
        {
            _inner.Send(Frame(tags, CutDatagram.Whole(new(_pod, 6000), new(_outside, 53), content)));
            var left = _outer.Take(frame => IsOf(frame, content));
            Assert.That(WirePacket.Read(Packet(left)), Has.Property(nameof(WirePacket.Source)).EqualTo(_node).And.Property(nameof(WirePacket.IsRight)).True);
            _outer.Send(Frame(tags, CutDatagram.Whole(new(_outside, 53), new(_node, 6000), [.. content, 0xaa, 0xbb])));
            var came = _inner.Take(frame => IsOf(frame, [.. content, 0xaa, 0xbb]));
            Assert.That(WirePacket.Read(Packet(came))!.IsRight);
            Assert.That(new IPAddress(Packet(came).AsSpan(isIPv4 ? 16 : 24, isIPv4 ? 4 : 16)), Is.EqualTo(_pod));
        }

        var flow = _lab.Masquerade.ReadFlows().Single();
        Assert.That((flow.Source, flow.IsAnswered), Is.EqualTo((new FlowEnd(_pod, 6000), true)));
    }

    [TestCase(Vlan)]
    [TestCase(Mpls)]
    public void Behind_more_of_them_than_are_read_none_leaves_while_some_are_translated(int tag)
    {
        int[] tags = [tag, tag, tag, tag, tag, tag];
        _inner.Send(Frame(tags, CutDatagram.Whole(new(_pod, 6000), new(_outside, 53), [1, 2, 3])));
        _ = _outer.Take(static frame => IsOf(frame, [1, 2, 3])); // there are no rules yet
        _lab.Masquerade.Apply(NatLab.Rules());
        using var log = new NatLog(_lab);
        _inner.Send(Frame(tags, CutDatagram.Whole(new(_pod, 6000), new(_outside, 53), [4, 5, 6])));
        Assert.That(_lab.Masquerade.ReadCounters()[nameof(NatCounter.RefusedTagged)], Is.EqualTo(1));
        Assert.That(log.TakeOne<MasqueradePacketEvent>().Reason, Is.EqualTo(NatCounter.RefusedTagged));

        // The machine's own leave, and come after what was dropped.
        using var own = new FrameSocket(_lab.Node, "eth0");
        own.Send(Frame(tags, CutDatagram.Whole(new(_pod, 6000), new(_outside, 53), [7, 8, 9])));
        Assert.That(IsOf(_outer.Take(static frame => IsOf(frame, [4, 5, 6]) || IsOf(frame, [7, 8, 9])), [7, 8, 9]));
    }

    [Test]
    public void What_is_no_packet_of_IP_goes_its_way()
    {
        _lab.Masquerade.Apply(NatLab.Rules());
        var frame = Frame([Vlan, Vlan], [9, 9, 9, 1, 2, 3]);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(Ethernet + 6), Arp);
        _inner.Send(frame);
        _ = _outer.Take(static frame => IsOf(frame, [9, 9, 9, 1, 2, 3]));
    }

    // To all, with so many tags, each of which tells what comes after it, and labels, the last of which tells that it is.
    private byte[] Frame(int[] tags, byte[] packet)
    {
        int[] types = [.. tags, isIPv4 ? 0x0800 : 0x86dd];
        var frame = new List<byte>([255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, 1, (byte)(types[0] >> 8), (byte)types[0]]);
        for (var i = 0; i < tags.Length; i++)
        {
            var isLastLabel = i == tags.Length - 1 || tags[i + 1] != Mpls;
            frame.AddRange(tags[i] == Mpls
                ? [0, 1, (byte)(isLastLabel ? 0x01 : 0x00), 64]
                : [0, (byte)(5 + i), (byte)(types[i + 1] >> 8), (byte)types[i + 1]]);
        }

        return [.. frame, .. packet];
    }

    private static bool IsOf(byte[] frame, byte[] content) => frame.AsSpan().EndsWith(content);

    // From its end on, as the tags before it are as many as they are.
    private byte[] Packet(byte[] frame)
    {
        for (var start = Ethernet; start < frame.Length; start += 4)
        {
            var length = isIPv4 ? BinaryPrimitives.ReadUInt16BigEndian(frame.AsSpan(start + 2)) : 40 + BinaryPrimitives.ReadUInt16BigEndian(frame.AsSpan(start + 4));
            if (frame[start] >> 4 == (isIPv4 ? 4 : 6) && start + length == frame.Length)
                return frame[start..];
        }

        throw new FormatException("there is no packet in the frame");
    }
}
