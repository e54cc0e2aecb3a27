using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Datapath.BpfObjects.Layout;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux.Bpf;
using Datapath.Linux.Namespaces;

namespace Datapath.Kernel.Tests.Masquerade.Fragments;

/// <summary>Datagrams in fragments, in whatever order these leave and come in.</summary>
[TestFixture(NatEngine.Ebpf, true, TcMechanism.Any)]
[TestFixture(NatEngine.Ebpf, false, TcMechanism.Any)]
[TestFixture(NatEngine.Ebpf, true, TcMechanism.Filter, Category = "Load")]
[TestFixture(NatEngine.Ebpf, false, TcMechanism.Filter, Category = "Load")]
[TestFixture(NatEngine.Nftables, true, TcMechanism.Any, Category = "Load")] // the virtual machines have no modules of nf_tables
[TestFixture(NatEngine.Nftables, false, TcMechanism.Any, Category = "Load")]
internal sealed class FragmentTests(NatEngine engine, bool isIPv4, TcMechanism mechanism)
{
    private static readonly int[][] s_orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

    private static readonly TimeSpan s_whileNumbersLast = TimeSpan.FromSeconds(2.5); // the engine takes a number for the same datagram for two seconds

    private readonly IPAddress _podAddress = isIPv4 ? NatLab.Pod4 : NatLab.Pod6;
    private readonly IPAddress _otherPodAddress = IPAddress.Parse(isIPv4 ? "10.98.0.3" : "fd98::3");
    private readonly IPAddress _nodeAddress = isIPv4 ? NatLab.Node4 : NatLab.Node6;
    private readonly IPAddress _outsideAddress = isIPv4 ? NatLab.Outside4 : NatLab.Outside6;
    private NatLab _lab = null!;
    private Socket _outside = null!;

    [SetUp]
    public void StartLab()
    {
        _lab = engine is NatEngine.Ebpf ? new(options => options with { Mechanism = mechanism }) : new(engine);
        _lab.Masquerade.Apply(NatLab.Rules());
        _outside = Bind(_lab.Router, _outsideAddress);
    }

    [TearDown]
    public void StopLab()
    {
        _outside.Dispose();
        _lab.Dispose();
    }

    /// <summary>With options before the datagram, which IPv6 alone has, the first fragment alone tells the protocol.</summary>
    [Test]
    public void They_leave_in_whatever_order([Values] bool haveOptions)
    {
        var number = 1u;
        foreach (var order in s_orders)
        {
            var datagram = new CutDatagram(new(_podAddress, 6000), End(_outside), number++, hasOptions: haveOptions && !isIPv4);
            datagram.Send(_lab.Pod, order);
            Expect(_outside, new(_nodeAddress, 6000), datagram);
        }

        AssertReordered(6);
    }

    [Test]
    public void They_come_in_in_whatever_order([Values] bool haveOptions)
    {
        using var pod = Bind(_lab.Pod, _podAddress);
        var port = Call(pod);
        var number = 1u;
        foreach (var order in s_orders)
        {
            var datagram = new CutDatagram(End(_outside), new(_nodeAddress, port), number++, hasOptions: haveOptions && !isIPv4);
            datagram.Send(_lab.Router, order);
            Expect(pod, End(_outside), datagram);
        }

        AssertReordered(6);
    }

    [LoadTest]
    [Test]
    public void Those_for_the_node_itself_come_in_in_whatever_order()
    {
        using var service = Bind(_lab.Node, _nodeAddress);
        var number = 1u;
        foreach (var order in s_orders)
        {
            var datagram = Inward(End(service).Port, number++);
            datagram.Send(_lab.Router, order);
            Expect(service, End(_outside), datagram);
        }

        AssertReordered(6);
        Assert.That(_lab.Masquerade.ReadFlows(), Is.Empty);
    }

    [LoadTest]
    [Test]
    public void Those_of_echoes_and_replies_find_their_way_in_whatever_order()
    {
        const ushort Identifier = 77;
        using var pod = _lab.Pod.Run(() =>
            new Socket(_podAddress.AddressFamily, SocketType.Raw, isIPv4 ? ProtocolType.Icmp : ProtocolType.IcmpV6) { ReceiveTimeout = 5000 });
        var number = 1u;
        foreach (var order in s_orders)
        {
            var echo = CutDatagram.Echo(_podAddress, _outsideAddress, number++, Identifier, isReply: false);
            echo.Send(_lab.Pod, order);
            AssertReply(echo.Content); // the kernel of the outside replies
            var reply = CutDatagram.Echo(_outsideAddress, _nodeAddress, 0x4000 + number++, _lab.Masquerade.ReadFlows().Single().Translated.Port, isReply: true);
            reply.Send(_lab.Router, order);
            AssertReply(reply.Content);
        }

        AssertReordered(12);

        void AssertReply(byte[] content)
        {
            var buffer = new byte[4096];
            while (true)
            {
                var length = pod.Receive(buffer);
                var message = buffer.AsSpan(isIPv4 ? 20 : 0, length - (isIPv4 ? 20 : 0));
                if (message[0] != (isIPv4 ? 0 : 129))
                    continue; // what neighbours tell each other
                Assert.That(message[8..].SequenceEqual(content), "the content");
                return;
            }
        }
    }

    [LoadTest]
    [Test]
    public void Those_of_datagrams_that_alternate_find_their_own([Values] bool areInward)
    {
        using var pod = Bind(_lab.Pod, _podAddress);
        using var other = Bind(_lab.Pod, _podAddress);
        var (port, otherPort) = (Call(pod), Call(other));
        var (one, two) = areInward
            ? (Inward(port, 1), Inward(otherPort, 2))
            : (Outward(_podAddress, End(pod).Port, 1), Outward(_podAddress, End(other).Port, 2));
        for (var place = 2; place >= 0; place--)
        {
            one.Send(areInward ? _lab.Router : _lab.Pod, place);
            two.Send(areInward ? _lab.Router : _lab.Pod, place);
        }

        Expect(areInward ? pod : _outside, areInward ? End(_outside) : new(_nodeAddress, port), one);
        Expect(areInward ? other : _outside, areInward ? End(_outside) : new(_nodeAddress, otherPort), two);
    }

    [LoadTest]
    [Test]
    public void A_number_may_come_again_at_once()
    {
        foreach (var port in new[] { 6000, 6001, 6002 })
        {
            var datagram = Outward(_podAddress, port, 7);
            datagram.Send(_lab.Pod, 0, 1, 2);
            Expect(_outside, new(_nodeAddress, port), datagram);
        }
    }

    [LoadTest]
    [Test]
    public void A_number_that_comes_again_inward_after_a_while_is_of_the_new_datagram_alone()
    {
        using (var route = _lab.Pod.OpenRouteNetlink())
            route.AddAddress(route.GetLink("eth0").Index, _otherPodAddress, isIPv4 ? 24 : 64);
        using var pod = Bind(_lab.Pod, _podAddress);
        using var other = Bind(_lab.Pod, _otherPodAddress);
        var (port, otherPort) = (Call(pod), Call(other));
        var before = Inward(port, 7);
        before.Send(_lab.Router, 0, 1, 2);
        Expect(pod, End(_outside), before);
        Pass(s_whileNumbersLast);
        var after = Inward(otherPort, 7);
        after.SendBackwards(_lab.Router);
        Expect(other, End(_outside), after);
    }

    [LoadTest]
    [Test]
    public void A_number_that_comes_again_outward_after_a_while_is_of_the_new_datagram_alone()
    {
        // The first is of a flow from outside, which keeps its address.
        _lab.RouteBack();
        using var pod = Bind(_lab.Pod, _podAddress);
        _ = _outside.SendTo([1], End(pod));
        _ = pod.Receive(new byte[16]);
        var before = Outward(_podAddress, End(pod).Port, 7);
        before.Send(_lab.Pod, 0, 1, 2);
        Expect(_outside, End(pod), before);
        Pass(s_whileNumbersLast);
        var after = Outward(_podAddress, 6000, 7);
        after.SendBackwards(_lab.Pod);
        Expect(_outside, new(_nodeAddress, 6000), after);
    }

    [LoadTest]
    [Test]
    public void Those_of_a_flow_that_keeps_its_address_keep_it_in_whatever_order()
    {
        _lab.RouteBack();
        using var pod = Bind(_lab.Pod, _podAddress);
        _ = _outside.SendTo([1], End(pod));
        _ = pod.Receive(new byte[16]);
        var datagram = Outward(_podAddress, End(pod).Port, 7);
        datagram.SendBackwards(_lab.Pod);
        Expect(_outside, End(pod), datagram);
    }

    [LoadTest]
    [Test]
    public void The_longest_datagram_arrives_backwards([Values] bool isInward)
    {
        using var pod = Bind(_lab.Pod, _podAddress);
        var port = Call(pod);
        var length = isIPv4 ? 65535 - 28 : 65535 - 8;
        var datagram = isInward
            ? new CutDatagram(End(_outside), new(_nodeAddress, port), 1, length, 1400)
            : new CutDatagram(End(pod), End(_outside), 1, length, 1400);
        datagram.SendBackwards(isInward ? _lab.Router : _lab.Pod);
        Expect(isInward ? pod : _outside, isInward ? End(_outside) : new(_nodeAddress, port), datagram);
    }

    private static Socket Bind(NetworkNamespace network, IPAddress address) => network.Run(() =>
    {
        var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 5000, ReceiveBufferSize = 1 << 20 };
        socket.Bind(new IPEndPoint(address, 0));
        return socket;
    });

    private static IPEndPoint End(Socket socket) => (IPEndPoint)socket.LocalEndPoint!;

    // Until what was noted before is too old: the clock of the programs is the same.
    private static void Pass(TimeSpan time)
    {
        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < time;)
            Thread.Sleep(50);
    }

    private static void Expect(Socket socket, IPEndPoint source, CutDatagram datagram)
    {
        var heard = new byte[1 << 16];
        EndPoint from = new IPEndPoint(source.Address, 0);
        var length = socket.ReceiveFrom(heard, ref from);
        Assert.That(from, Is.EqualTo(source));
        Assert.That(heard.AsSpan(0, length).SequenceEqual(datagram.Content), "the content");
    }

    private CutDatagram Outward(IPAddress source, int port, uint number) => new(new(source, port), End(_outside), number);

    private CutDatagram Inward(int port, uint number) => new(End(_outside), new(_nodeAddress, port), number);

    // Has a socket of a pod begin a flow; the port that the outside sees.
    private int Call(Socket pod)
    {
        _ = pod.SendTo([1], End(_outside));
        EndPoint from = new IPEndPoint(_outsideAddress, 0);
        _ = _outside.ReceiveFrom(new byte[16], ref from);
        Assert.That(((IPEndPoint)from).Address, Is.EqualTo(_nodeAddress));
        return ((IPEndPoint)from).Port;
    }

    // Of the six orders of three fragments, two have none before the first, two have one, and two have two.
    private void AssertReordered(int count)
    {
        if (engine is NatEngine.Nftables)
            return; // the kernel puts them together
        var counters = _lab.Masquerade.ReadCounters();
        Assert.That(counters[nameof(NatCounter.Reordered)], Is.EqualTo(count));
        Assert.That(counters.Where(static counter => counter.Key.Contains("Fragment", StringComparison.Ordinal) && counter.Value != 0), Is.Empty);
    }
}
