using System.Net;
using System.Net.Sockets;
using Datapath.BpfObjects.Layout;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;

namespace Datapath.Kernel.Tests.Masquerade.Fragments;

/// <summary>Fragments that wait in the eBPF engine for their first: how long, how many, how large, and at what devices.</summary>
[TestFixture(true)]
[TestFixture(false)]
[LoadTest]
internal sealed class HeldFragmentTests(bool isIPv4)
{
    private const int Ring = 64; // fragments of one source that are held in each direction
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private readonly IPEndPoint _pod = new(isIPv4 ? NatLab.Pod4 : NatLab.Pod6, 6000);
    private readonly IPAddress _node = isIPv4 ? NatLab.Node4 : NatLab.Node6;
    private readonly IPAddress _outside = isIPv4 ? NatLab.Outside4 : NatLab.Outside6;
    private NatLab _lab = null!;

    [SetUp]
    public void StartLab()
    {
        _lab = new(static options => options with { SweepInterval = TimeSpan.FromDays(1) });
        _lab.Masquerade.Apply(NatLab.Rules());
    }

    [TearDown]
    public void StopLab() => _lab.Dispose();

    [Test]
    public void One_whose_first_does_not_come_is_given_up_and_counted_once([Values] bool isInward)
    {
        using var log = new NatLog(_lab);
        Orphan(isInward, 1);
        Assert.That(log.Take(), Is.Empty);
        Eventually.True(() => Swept(NatCounter.RefusedFragmentExpired) == 1, "a second has passed");
        _ = _lab.Ebpf.Sweep();
        Assert.That(Count(NatCounter.RefusedFragmentExpired), Is.EqualTo(1));
        var told = log.TakeOne<MasqueradePacketEvent>();
        Assert.That((told.Reason, told.IsDropped, told.IsIncoming, told.Protocol), Is.EqualTo((NatCounter.RefusedFragmentExpired, true, isInward, (byte)17)));
        Assert.That((told.Source.Address, told.Destination.Address), Is.EqualTo(isInward ? (_outside, _node) : (_pod.Address, _outside)));
    }

    [Test]
    public void One_that_has_waited_for_too_long_does_not_go_on_with_its_first()
    {
        using var callee = Listen();
        var late = new CutDatagram(_pod, End(callee), 1);
        late.Send(_lab.Pod, 2, 1);
        Eventually.True(() => Swept(NatCounter.RefusedFragmentExpired) == 2, "a second has passed");
        late.Send(_lab.Pod, 0);
        var next = new CutDatagram(_pod, End(callee), 2);
        next.SendBackwards(_lab.Pod);
        Expect(callee, next);
        Assert.That(Count(NatCounter.Reordered), Is.EqualTo(2), "those of the next alone");
    }

    [Test]
    public void One_that_has_waited_for_too_long_does_not_go_on_even_if_it_was_not_swept()
    {
        using var callee = Listen();
        var late = new CutDatagram(_pod, End(callee), 1);
        late.Send(_lab.Pod, 2, 1);
        Thread.Sleep(TimeSpan.FromSeconds(1.2)); // which is longer than it is held, whatever the machine does meanwhile
        late.Send(_lab.Pod, 0);
        Assert.That(Count(NatCounter.Reordered), Is.Zero);
        Assert.That(Swept(NatCounter.RefusedFragmentExpired), Is.EqualTo(2));
    }

    [Test]
    public void Too_many_displace_the_oldest_and_what_comes_after_them_finds_room([Values] bool isInward)
    {
        const int Flood = 3 * Ring;
        for (var i = 0u; i < Flood; i++)
            Orphan(isInward, 100 + i);
        Assert.That(Given(), Is.EqualTo(Flood - Ring));
        Assert.That(Count(NatCounter.RefusedFragmentCrowded), Is.Positive);
        if (isInward)
        {
            using var service = Bind(_lab.Node, _node);
            var datagram = new CutDatagram(new(_outside, 7000), End(service), 1);
            datagram.SendBackwards(_lab.Router);
            Expect(service, datagram, new(_outside, 7000));
        }
        else
        {
            using var callee = Listen();
            var datagram = new CutDatagram(_pod, End(callee), 1);
            datagram.SendBackwards(_lab.Pod);
            Expect(callee, datagram);
        }

        Assert.That(Given(), Is.EqualTo(Flood - Ring + 2));
        Eventually.True(() => _lab.Ebpf.Sweep() >= 0 && Given() == Flood, "the others are held to their end");

        // A slow machine may let the second pass before that.
        long Given() => Count(NatCounter.RefusedFragmentCrowded) + Count(NatCounter.RefusedFragmentExpired);
    }

    [Test]
    public void Those_of_other_sources_are_not_displaced()
    {
        var other = new IPEndPoint(IPAddress.Parse(isIPv4 ? "10.98.0.3" : "fd98::3"), 6000); // of another ring
        using var callee = Listen();
        var datagram = new CutDatagram(_pod, End(callee), 1);
        byte[][] flood = [.. Enumerable.Range(2, 3 * Ring).Select(number => new CutDatagram(other, End(callee), (uint)number, 100, 56).Fragments[1])];
        CutDatagram.SendAll(_lab.Pod, _outside, [datagram.Fragments[2], datagram.Fragments[1], .. flood, datagram.Fragments[0]]);
        Expect(callee, datagram);
        Assert.That(Count(NatCounter.RefusedFragmentCrowded), Is.EqualTo(2 * Ring));
    }

    [Test]
    public void Those_of_large_frames_take_several_slots([Values] bool isInward, [Values(1984, 2400, 3960, 8960, 15752)] int piece)
    {
        SetMtu(16000);
        using var service = Bind(_lab.Node, _node);
        using var callee = Listen();
        var length = Math.Min(3 * piece, 40000) + 100;
        for (var number = 1u; number <= 20; number++) // more than a ring has room for at once: none is left behind
        {
            var datagram = isInward ? new CutDatagram(new(_outside, 7000), End(service), number, length, piece) : new CutDatagram(_pod, End(callee), number, length, piece);
            datagram.SendBackwards(isInward ? _lab.Router : _lab.Pod);
            Expect(isInward ? service : callee, datagram, isInward ? new(_outside, 7000) : null);
            Assert.That(Count(NatCounter.Reordered), Is.EqualTo(number * (datagram.Fragments.Length - 1)));
        }

        Assert.That(_lab.Masquerade.ReadCounters().Where(static c => c.Key.Contains("Fragment", StringComparison.Ordinal) && c.Value != 0), Is.Empty);
    }

    [Test]
    public void The_longest_datagram_finds_room([Values] bool isInward)
    {
        const int Longest = 65507;
        SetMtu(9000);
        using var service = Bind(_lab.Node, _node);
        using var callee = Listen();
        var datagram = isInward ? new CutDatagram(new(_outside, 7000), End(service), 1, Longest, 8944) : new CutDatagram(_pod, End(callee), 1, Longest, 8944);
        datagram.SendBackwards(isInward ? _lab.Router : _lab.Pod);
        Expect(isInward ? service : callee, datagram, isInward ? new(_outside, 7000) : null);
    }

    [Test]
    public void One_of_several_slots_that_is_given_up_is_counted_once()
    {
        SetMtu(9000);
        var datagram = new CutDatagram(_pod, new(_outside, 7001), 1, 8000, 5000);
        CutDatagram.SendAll(_lab.Pod, _outside, Enumerable.Repeat(datagram.Fragments[1], 1));
        Eventually.True(() => Swept(NatCounter.RefusedFragmentExpired) == 1, "a second has passed");
        for (var i = 0u; i < 2 * Ring; i++)
            new CutDatagram(_pod, new(_outside, 7001), 2 + i, 8000, 5000).Send(_lab.Pod, 1);
        Eventually.True(
            () => Swept(NatCounter.RefusedFragmentExpired) + Count(NatCounter.RefusedFragmentCrowded) == 1 + (2 * Ring), "each is given up, and none twice");
        Assert.That(Count(NatCounter.RefusedFragment), Is.Zero);
    }

    [Test]
    public void One_that_is_too_long_is_counted_at_once_and_left_to_the_node([Values] bool isInward)
    {
        SetMtu(32000);
        using var service = Bind(_lab.Node, _node);
        using var callee = Listen();
        var datagram = isInward ? new CutDatagram(new(_outside, 7000), End(service), 1, 50000, 24000) : new CutDatagram(_pod, End(callee), 1, 50000, 24000);
        using var log = new NatLog(_lab);
        datagram.SendBackwards(isInward ? _lab.Router : _lab.Pod);
        var told = (MasqueradePacketEvent)log.Take()[0];
        Assert.That((told.Reason, told.IsDropped), Is.EqualTo(isInward ? (NatCounter.UnknownFragment, false) : (NatCounter.RefusedFragment, true)));
        if (isInward)
            Expect(service, datagram, new(_outside, 7000));
        Assert.That(Count(isInward ? NatCounter.UnknownFragment : NatCounter.RefusedFragment), Is.EqualTo(1), "of 24,000 bytes; that of 2,008 is held");
        Assert.That(Count(NatCounter.Reordered), Is.EqualTo(1));
    }

    // With two: the race of 1,000 datagrams in two pieces. With three, the last waits already when the other two race.
    [TestCase(1000, 2)]
    [TestCase(2000, 3)]
    public void Those_that_come_together_with_their_first_on_two_processors_are_not_lost(int datagrams, int fragments)
    {
        using var callee = Listen();
        CutDatagram[] all = [.. Enumerable.Range(0, datagrams).Select(i => new CutDatagram(_pod, End(callee), (uint)i + 1, 50 * fragments, 56))];
        Assert.That(all[0].Fragments, Has.Length.EqualTo(fragments));
        using var barrier = new Barrier(2);
        var others = Task.Run(() =>
        {
            foreach (var datagram in all.TakeWhile(_ => barrier.SignalAndWait(s_patience)))
                datagram.Send(_lab.Pod, 1);
        });
        foreach (var datagram in all)
        {
            if (fragments > 2)
                datagram.Send(_lab.Pod, 2);
            Assert.That(barrier.SignalAndWait(s_patience));
            datagram.Send(_lab.Pod, 0);
            Expect(callee, datagram);
        }

        others.GetAwaiter().GetResult();
        _ = _lab.Ebpf.Sweep();
        Assert.That(_lab.Masquerade.ReadCounters().Where(static c => c.Key.StartsWith("Refused", StringComparison.Ordinal) && c.Value != 0), Is.Empty);
    }

    [Test]
    public void Answers_to_an_address_that_no_device_has_first_are_held_too()
    {
        var (pool, length) = isIPv4 ? (IPAddress.Parse("192.168.98.50"), 32) : (IPAddress.Parse("fd99::50"), 128);
        using (var node = _lab.Node.OpenRouteNetlink())
            node.AddAddress(node.GetLink("lo").Index, pool, length);
        using (var router = _lab.Router.OpenRouteNetlink())
            router.AddRoute(new(new IPNetwork(pool, length)) { Gateway = _node, InterfaceIndex = router.GetLink("eth0").Index });
        var rules = NatLab.Rules();
        _lab.Masquerade.Apply(new(rules.Sources, rules.Destinations, [new("", MasqueradeAddressSource.Fixed) { Addresses = [pool] }], rules.Verdicts));
        using var callee = Listen();
        using var pod = Bind(_lab.Pod, _pod.Address);
        _ = pod.SendTo([1], End(callee));
        EndPoint from = new IPEndPoint(_node, 0);
        _ = callee.ReceiveFrom(new byte[16], ref from);
        Assert.That(((IPEndPoint)from).Address, Is.EqualTo(pool));
        var datagram = new CutDatagram(End(callee), (IPEndPoint)from, 1);
        datagram.SendBackwards(_lab.Router);
        Expect(pod, datagram, End(callee));
    }

    [Test]
    public void Packets_that_begin_with_the_IP_header_wait_as_well()
    {
        var (own, far) = isIPv4 ? (IPAddress.Parse("192.168.96.1"), IPAddress.Parse("192.168.96.2")) : (IPAddress.Parse("fd96::1"), IPAddress.Parse("fd96::2"));
        using var tunnel = new Tunnel(_lab.Node, "tun0");
        using (var node = _lab.Node.OpenRouteNetlink())
            NatLab.Configure(node, node.GetLink("tun0").Index, (own, isIPv4 ? 24 : 64));
        _lab.Reopen(_lab.Options with { Devices = ["tun0"] });
        _lab.Masquerade.Apply(NatLab.Rules());
        using var pod = Bind(_lab.Pod, _pod.Address);
        var outward = new CutDatagram(End(pod), new(far, 7), 1);
        outward.SendBackwards(_lab.Pod);
        int[] lengths = [.. Enumerable.Range(0, 3).Select(_ => tunnel.Take(packet => IsFrom(packet, own)).Length)];
        Assert.That(lengths, Is.EqualTo(new[] { 0, 2, 1 }.Select(place => outward.Fragments[place].Length)).Or.EqualTo(new[] { 0, 1, 2 }.Select(place => outward.Fragments[place].Length)));
        var inward = new CutDatagram(new(far, 7), new(own, End(pod).Port), 1);
        foreach (var fragment in inward.Fragments.Reverse())
            tunnel.Give(fragment);
        Expect(pod, inward, new(far, 7));
    }

    private static Socket Bind(Linux.Namespaces.NetworkNamespace network, IPAddress address) => network.Run(() =>
    {
        var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 5000 };
        socket.Bind(new IPEndPoint(address, 0));
        return socket;
    });

    private static IPEndPoint End(Socket socket) => (IPEndPoint)socket.LocalEndPoint!;

    private static bool IsFrom(byte[] packet, IPAddress source)
    {
        var (at, length) = source.AddressFamily is AddressFamily.InterNetwork ? (12, 4) : (8, 16);
        return packet.Length > at + length && packet.AsSpan(at, length).SequenceEqual(source.GetAddressBytes());
    }

    private Socket Listen() => Bind(_lab.Router, _outside);

    private void Expect(Socket socket, CutDatagram datagram, IPEndPoint? source = null)
    {
        var heard = new byte[1 << 16];
        EndPoint from = new IPEndPoint(_outside, 0);
        var length = socket.ReceiveFrom(heard, ref from);
        Assert.That(from, Is.EqualTo(source ?? new(_node, _pod.Port)));
        Assert.That(heard.AsSpan(0, length).SequenceEqual(datagram.Content), "the content");
    }

    // A fragment without its first.
    private void Orphan(bool isInward, uint number)
    {
        var datagram = isInward ? new CutDatagram(new(_outside, 7000), new(_node, 7001), number, 100, 56) : new CutDatagram(_pod, new(_outside, 7001), number, 100, 56);
        datagram.Send(isInward ? _lab.Router : _lab.Pod, 1);
    }

    private void SetMtu(int mtu)
    {
        foreach (var (network, device) in new[] { (_lab.Pod, "eth0"), (_lab.Node, "pod0"), (_lab.Node, "eth0"), (_lab.Router, "eth0") })
        {
            using var route = network.OpenRouteNetlink();
            route.SetLinkMtu(route.GetLink(device).Index, mtu);
        }
    }

    private long Count(NatCounter counter) => _lab.Masquerade.ReadCounters()[counter.ToString()];

    private long Swept(NatCounter counter)
    {
        _ = _lab.Ebpf.Sweep();
        return Count(counter);
    }
}
