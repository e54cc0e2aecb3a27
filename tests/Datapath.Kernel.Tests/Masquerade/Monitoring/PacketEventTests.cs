using System.Net;
using Datapath.BpfObjects.Layout;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Masquerade;

namespace Datapath.Kernel.Tests.Masquerade;

/// <summary>A listener is told of each packet that was dropped or left alone, and why.</summary>
[TestFixture(true)]
[TestFixture(false)]
internal sealed class PacketEventTests(bool isIPv4)
{
    private readonly IPAddress _pod = isIPv4 ? NatLab.Pod4 : NatLab.Pod6;
    private readonly IPAddress _outside = isIPv4 ? NatLab.Outside4 : NatLab.Outside6;
    private readonly IPAddress _node = isIPv4 ? NatLab.Node4 : NatLab.Node6;
    private NatLab _lab = null!;
    private TestPins _pins = null!;

    [SetUp]
    public void MakePins() => _pins = new();

    [TearDown]
    public void StopLab()
    {
        _lab.Dispose();
        _pins.Dispose();
    }

    [LoadTest]
    [Test]
    public void No_port_is_free()
    {
        Start(static options => options with { FirstPort = 40000, LastPort = 40000 });
        SendUdp(3000);
        using var log = new NatLog(_lab);
        SendUdp(3001);
        AssertTold(log, NatCounter.RefusedNoPort, RawPacket.Udp, 3001, 53);
    }

    [LoadTest]
    [Test]
    public void The_table_is_full()
    {
        Start(static options => options with { MaxFlows = 1 });
        SendUdp(3000);
        using var log = new NatLog(_lab);
        SendUdp(3001);
        AssertTold(log, NatCounter.RefusedFull, RawPacket.Udp, 3001, 53);
    }

    [LoadTest]
    [Test]
    public void The_device_has_no_address()
    {
        Start();
        using (var node = _lab.Node.OpenRouteNetlink())
            node.DeleteAddress(node.GetLink("eth0").Index, _node, isIPv4 ? 24 : 64);
        using (var node = _lab.Node.OpenRouteNetlink()) // what had no other source went with the address
            node.AddAddress(node.GetLink("lo").Index, _node, isIPv4 ? 32 : 128);
        _lab.Ebpf.RefreshDevices();
        using var log = new NatLog(_lab);
        RouteOut();
        SendUdp(3000);
        AssertTold(log, NatCounter.RefusedNoAddress, RawPacket.Udp, 3000, 53);
    }

    [Test]
    public void The_protocol_cannot_be_translated()
    {
        Start();
        using var log = new NatLog(_lab);
        RawPacket.Send(_lab.Pod, new(_pod, 0), new(_outside, 0), RawPacket.Gre);
        AssertTold(log, NatCounter.RefusedProtocol, RawPacket.Gre, 0, 0);
    }

    [LoadTest]
    [Test]
    public void The_first_fragment_does_not_come()
    {
        Start();
        using var log = new NatLog(_lab);
        RawPacket.SendLaterFragment(_lab.Pod, _pod, _outside);
        GiveUpFragment();
        AssertTold(log, NatCounter.RefusedFragmentExpired, RawPacket.Udp, 0, 0);
    }

    [LoadTest]
    [Test]
    public void No_flow_begins_while_flows_move()
    {
        Start(options => options with { Lifetime = DatapathLifetime.Pinned, BpfRoot = _pins.Path });
        using (var state = NatStateMap.TryOpenPinned(_pins.Path))
            state!.HoldNewFlows(TimeSpan.FromHours(1));
        using var log = new NatLog(_lab);
        SendUdp(3000);
        AssertTold(log, NatCounter.RefusedMoving, RawPacket.Udp, 3000, 53);
    }

    [LoadTest]
    [Test]
    public void Nobody_knows_the_connection_that_goes_on()
    {
        const byte Ack = 16;
        Start();
        using var log = new NatLog(_lab);
        RawPacket.Send(_lab.Pod, new(_pod, 80), new(_outside, 40000), RawPacket.Tcp, Ack);
        AssertTold(log, NatCounter.Orphan, RawPacket.Tcp, 80, 40000, isDropped: false);
    }

    [LoadTest]
    [Test]
    public void Of_an_incoming_fragment_the_first_does_not_come()
    {
        Start();
        using var log = new NatLog(_lab);
        RawPacket.SendLaterFragment(_lab.Router, _outside, _node);
        GiveUpFragment();
        var told = log.TakeOne<MasqueradePacketEvent>();
        Assert.That((told.Reason, told.IsDropped, told.IsIncoming), Is.EqualTo((NatCounter.RefusedFragmentExpired, true, true)));
        Assert.That((told.Source.Address, told.Destination.Address), Is.EqualTo((_outside, _node)));
    }

    [LoadTest]
    [Test]
    public void Of_a_flood_each_packet_is_told_or_counted_as_held_back_and_other_reasons_are_told_all_the_same()
    {
        const int Packets = 200;
        Start();
        using var log = new NatLog(_lab, new() { PacketsPerSecond = 2 });
        for (var i = 0; i < Packets; i++)
            RawPacket.Send(_lab.Pod, new(_pod, 0), new(_outside, 0), RawPacket.Gre);
        RawPacket.SendLaterFragment(_lab.Pod, _pod, _outside);
        GiveUpFragment();
        var told = log.Take().Cast<MasqueradePacketEvent>().ToList();
        var flood = told.Where(static packet => packet.Reason is NatCounter.RefusedProtocol).ToList();
        Assert.That(flood.Count + log.Monitor.HeldBack, Is.EqualTo(Packets));
        Assert.That(flood.Sum(static packet => packet.HeldBack), Is.LessThanOrEqualTo(log.Monitor.HeldBack));
        Assert.That(log.Monitor.HeldBack, Is.Positive, "they would have taken more than a minute otherwise");
        Assert.That(told.Except(flood).Select(static packet => packet.Reason), Is.EqualTo(new[] { NatCounter.RefusedFragmentExpired }));
        Assert.That(_lab.Masquerade.ReadCounters()[nameof(NatCounter.RefusedProtocol)], Is.EqualTo(Packets));
        log.Dispose();
        using var next = new NatLog(_lab);
        RawPacket.Send(_lab.Pod, new(_pod, 0), new(_outside, 0), RawPacket.Gre);
        Assert.That(next.TakeOne<MasqueradePacketEvent>().HeldBack, Is.Zero, "what was held back from one listener is not told to the next");
    }

    private void Start(Func<LinuxMasqueradeOptions, LinuxMasqueradeOptions>? change = null)
    {
        _lab = new(change);
        _lab.Masquerade.Apply(NatLab.Rules());
    }

    private void GiveUpFragment() =>
        Eventually.True(() => _lab.Ebpf.Sweep() >= 0 && _lab.Masquerade.ReadCounters()[nameof(NatCounter.RefusedFragmentExpired)] == 1, "a second has passed");

    // Without an address of the node the way to the router has to be told again.
    private void RouteOut()
    {
        using var node = _lab.Node.OpenRouteNetlink();
        var eth0 = node.GetLink("eth0").Index;
        var (all, router) = isIPv4 ? ("0.0.0.0/0", "192.168.98.2/32") : ("::/0", "fd99::2/128");
        node.AddRoute(new(IPNetwork.Parse(router)) { InterfaceIndex = eth0 });
        if (isIPv4)
            node.AddRoute(new(IPNetwork.Parse(all)) { Gateway = IPNetwork.Parse(router).BaseAddress, InterfaceIndex = eth0 });
    }

    private void SendUdp(ushort port) => RawPacket.Send(_lab.Pod, new(_pod, port), new(_outside, 53), RawPacket.Udp);

    private void AssertTold(NatLog log, NatCounter reason, int protocol, ushort source, ushort destination, bool isDropped = true)
    {
        var told = log.TakeOne<MasqueradePacketEvent>();
        Assert.That(told, Is.EqualTo(new MasqueradePacketEvent
        {
            Time = told.Time,
            Protocol = (byte)protocol,
            Source = new(_pod, source),
            Destination = new(_outside, destination),
            Reason = reason,
            IsDropped = isDropped,
            IsIncoming = false,
            DeviceIndex = _lab.Masquerade.Devices.Single().Index,
            Device = "eth0",
            HeldBack = 0,
        }));
        Assert.That(told.Time, Is.EqualTo(TimeProvider.System.GetUtcNow()).Within(TimeSpan.FromMinutes(1)));
        Assert.That(_lab.Masquerade.ReadCounters()[reason.ToString()], Is.EqualTo(1));
    }
}
