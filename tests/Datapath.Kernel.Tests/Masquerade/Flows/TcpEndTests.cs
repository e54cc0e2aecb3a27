using System.Net;
using System.Net.Sockets;
using Datapath.BpfObjects;
using Datapath.BpfObjects.Layout;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux.Netlink;

namespace Datapath.Kernel.Tests.Masquerade.Flows;

/// <summary>A TCP flow ends by what its ends say, not by what somebody else sends in their names.</summary>
[TestFixture(true)]
[TestFixture(false)]
[LoadTest]
internal sealed class TcpEndTests(bool isIPv4)
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);
    private readonly IPAddress _outside = isIPv4 ? NatLab.Outside4 : NatLab.Outside6;
    private readonly IPNetwork _toOutside = isIPv4 ? new(NatLab.Outside4, 32) : new(NatLab.Outside6, 128);
    private NatLab _lab = null!;

    private IPNetwork Silent => isIPv4 ? IPNetwork.Parse("198.51.100.9/32") : IPNetwork.Parse("2001:db8:99::9/128");

    private TimeSpan ExpiresIn => _lab.Masquerade.ReadFlows().Single().ExpiresIn!.Value;

    [SetUp]
    public void StartLab()
    {
        _lab = new(static options => options with
        {
            Lifetimes = new() { TcpClosing = s_second, TcpHalfClosed = 2 * s_second },
            SweepInterval = TimeSpan.FromDays(1),
        });
        _lab.Masquerade.Apply(NatLab.Rules());
    }

    [TearDown]
    public void StopLab() => _lab.Dispose();

    [LoadTest]
    [Test]
    public void A_reset_with_another_sequence_number_than_the_next_does_not_shorten_it([Values(1u, 1000u, 0x80000000u, 0xfffffc00u)] uint distance)
    {
        using var talk = Start();
        Spoof(talk, TcpFlags.Rst | TcpFlags.Ack, distance);
        AssertItLives(talk);
    }

    [LoadTest]
    [Test]
    public void An_end_with_another_sequence_number_than_the_next_does_not_shorten_it([Values(0x80000000u, 0xfffffc00u)] uint distance)
    {
        using var talk = Start();
        Spoof(talk, TcpFlags.Fin | TcpFlags.Ack, distance);
        AssertItLives(talk);
        talk.Called.Shutdown(SocketShutdown.Send);
        Eventually.True(() => ExpiresIn <= 2 * s_second, "the true end counts when it is acknowledged");
        Spoof(talk, TcpFlags.Fin | TcpFlags.Ack, distance);
        Assert.That(ExpiresIn, Is.LessThanOrEqualTo(2 * s_second), "another does not change that");
    }

    [LoadTest]
    [Test]
    public void A_reset_that_fits_an_end_which_somebody_else_sent_does_not_shorten_it([Values] bool isBeginning)
    {
        const uint distance = 0x81234567;
        using var talk = Start();
        Spoof(talk, (isBeginning ? TcpFlags.Syn : TcpFlags.Fin) | TcpFlags.Ack, distance);
        Spoof(talk, TcpFlags.Rst, distance + 1);
        AssertItLives(talk);
    }

    [Test]
    public void A_reset_that_the_source_accepts_ends_it()
    {
        using var talk = Start();
        Spoof(talk, TcpFlags.Rst, 0);
        Assert.That(() => talk.Caller.Receive(new byte[1]), Throws.TypeOf<SocketException>().With.Property(nameof(SocketException.SocketErrorCode)).EqualTo(SocketError.ConnectionReset));
        AssertItEnds();
    }

    [LoadTest]
    [Test]
    public void A_reset_behind_data_that_was_not_acknowledged_ends_it()
    {
        using var talk = Start();
        using (var pod = _lab.Pod.OpenRouteNetlink())
            pod.AddRoute(new(_toOutside) { Type = NetworkRouteType.Blackhole });
        var before = ReadNext(); // nothing is acknowledged any more
        talk.Called.NoDelay = true; // the end of the data does not wait for what was said before to be acknowledged
        _ = talk.Called.Send(new byte[100]);
        _ = talk.Called.Send(new byte[50]);
        talk.Called.LingerState = new(enable: true, seconds: 0);
        talk.Called.Dispose();
        Eventually.True(() => ExpiresIn <= s_second, "it has ended");
        Assert.That(ReadNext(), Is.EqualTo((before.Out, before.In + 150)), "the source has acknowledged nothing of it");
        AssertItEnds();
    }

    [Test]
    public void A_reset_that_the_source_sends_ends_it()
    {
        using var talk = Start();
        talk.Caller.LingerState = new(enable: true, seconds: 0);
        talk.Caller.Dispose();
        AssertItEnds();
    }

    [LoadTest]
    [Test]
    public void A_reset_is_forgotten_when_the_source_goes_on()
    {
        using var talk = Start();
        Spoof(talk, TcpFlags.Rst, 0, isRight: false); // it is lost behind the node
        Eventually.True(() => ExpiresIn <= s_second, "the node cannot know that");
        talk.Exchange();
        AssertItLives(talk);
    }

    [Test]
    public void A_connection_that_is_refused_ends()
    {
        using var client = _lab.Pod.Run(() => new Socket(_outside.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
        Assert.That(() => client.Connect(_outside, 9), Throws.TypeOf<SocketException>().With.Property(nameof(SocketException.SocketErrorCode)).EqualTo(SocketError.ConnectionRefused));
        AssertItEnds();
    }

    [LoadTest]
    [Test]
    public void A_connection_that_somebody_else_refuses_goes_on()
    {
        using (var router = _lab.Router.OpenRouteNetlink())
            router.AddRoute(new(Silent) { Type = NetworkRouteType.Blackhole });
        using var client = _lab.Pod.Run(() => new Socket(_outside.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { Blocking = false });
        Assert.That(() => client.Connect(Silent.BaseAddress, 80), Throws.TypeOf<SocketException>()); // it goes on in the background
        var translated = _lab.Masquerade.ReadFlows().Single().Translated;
        using var wire = new Wire(_lab.Pod);
        TcpSegment.Send(_lab.Router, new(Silent.BaseAddress, 80), new(translated.Address, translated.Port), TcpFlags.Rst | TcpFlags.Ack, 0, 4711);
        WaitForEnd(wire, Silent.BaseAddress);
        Assert.That(ExpiresIn, Is.GreaterThan(30 * s_second));
    }

    private Talk Start()
    {
        var talk = new Talk(_lab.Pod, _lab.Router, _outside, ProtocolType.Tcp);
        talk.Exchange();
        talk.Exchange();

        // An acknowledgement that the source still owes would be a sign that it goes on.
        Eventually.True(() => ReadNext().Out == TcpSegment.SequenceOf(talk.Caller).Received, "the node has seen all acknowledged");
        return talk;
    }

    /// <summary>Sends a segment in the server's name, and waits until the pod has it.</summary>
    private void Spoof(Talk talk, TcpFlags flags, uint distance, bool isRight = true)
    {
        var (sent, received) = TcpSegment.SequenceOf(talk.Caller);
        using var wire = new Wire(_lab.Pod);
        TcpSegment.Send(_lab.Router, talk.Address, talk.Client, flags, received + distance, sent, isRight);
        WaitForEnd(wire, _outside);
    }

    private static void WaitForEnd(Wire wire, IPAddress from) => _ = wire.Take(from, int.MaxValue).First(static packet => (packet.Flags & (TcpFlags.Rst | TcpFlags.Fin | TcpFlags.Syn)) != 0);

    private void AssertItLives(Talk talk)
    {
        Assert.That(ExpiresIn, Is.GreaterThan(s_hour));
        talk.Exchange();
        Assert.That(ExpiresIn, Is.GreaterThan(s_hour));
        Eventually.True(() => _lab.Masquerade.ReadFlows().Single().Idle > 2.5 * s_second, "it is idle");
        Assert.That(_lab.Ebpf.Sweep(), Is.Zero);
        talk.Exchange(isServerFirst: true);
    }

    private void AssertItEnds()
    {
        Eventually.True(() => ExpiresIn <= s_second, "it has ended");
        Eventually.True(() => _lab.Ebpf.Sweep() == 1, "it is swept");
    }

    private (uint Out, uint In) ReadNext()
    {
        using var map = _lab.Ebpf.OpenMap(isIPv4 ? MasqueradeObject.Flows4 : MasqueradeObject.Flows6);
        var entries = isIPv4
            ? map.AsHash<FlowKey4, Flow4>().ToList().Select(static entry => (entry.Key.Direction, entry.Value.Next))
            : map.AsHash<FlowKey6, Flow6>().ToList().Select(static entry => (entry.Key.Direction, entry.Value.Next));
        var next = entries.ToDictionary();
        return (next[FlowDirection.Out], next[FlowDirection.In]);
    }
}
