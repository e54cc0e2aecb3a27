using System.Net;
using System.Net.Sockets;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Netlink;

namespace Datapath.Kernel.Tests.Masquerade.Flows;

/// <summary>When a flow ends, by what was seen of it: what is told of it is what the program that ends flows goes by.</summary>
[LoadTest]
internal sealed class FlowLifetimeTests
{
    private static readonly TimeSpan s_short = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_long = TimeSpan.FromDays(1);

    private static readonly FlowLifetimes s_lifetimes = new()
    {
        TcpOpening = s_long,
        TcpEstablished = s_long,
        TcpHalfClosed = s_long,
        TcpClosing = s_long,
        OneWay = s_long,
        TwoWay = s_long,
        Icmp = s_long,
    };

    private NatLab _lab = null!;

    [TearDown]
    public void StopLab() => _lab.Dispose();

    [Test]
    public void A_TCP_flow_without_an_answer([Values] bool isIPv4)
    {
        Start(s_lifetimes with { TcpOpening = s_short });
        var silent = new IPNetwork(IPAddress.Parse(isIPv4 ? "198.51.100.9" : "2001:db8:99::9"), isIPv4 ? 32 : 128);
        using (var router = _lab.Router.OpenRouteNetlink())
            router.AddRoute(new(silent) { Type = NetworkRouteType.Blackhole });
        using (var client = _lab.Pod.Run(() => new Socket(silent.BaseAddress.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { Blocking = false }))
            Assert.That(() => client.Connect(silent.BaseAddress, 80), Throws.TypeOf<SocketException>()); // it goes on in the background
        AssertItEnds();
    }

    [Test]
    public void An_established_TCP_flow([Values] bool isIPv4)
    {
        Start(s_lifetimes with { TcpEstablished = s_short });
        using var talk = new Talk(_lab.Pod, _lab.Router, Outside(isIPv4), ProtocolType.Tcp);
        talk.Exchange();
        AssertItEnds();
    }

    [Test]
    public void A_TCP_flow_whose_one_side_has_ended([Values] bool isIPv4)
    {
        Start(s_lifetimes with { TcpHalfClosed = s_short });
        using var callee = new Callee(_lab.Router, Outside(isIPv4), ProtocolType.Tcp);
        using var client = callee.Connect(_lab.Pod);
        client.Shutdown(SocketShutdown.Send);
        AssertItEnds();
    }

    [Test]
    public void A_TCP_flow_whose_both_sides_have_ended([Values] bool isIPv4)
    {
        Start(s_lifetimes with { TcpClosing = s_short });
        using var callee = new Callee(_lab.Router, Outside(isIPv4), ProtocolType.Tcp);
        _ = callee.TakeFrom(_lab.Pod);
        AssertItEnds();
    }

    [Test]
    public void A_UDP_flow_without_an_answer([Values] bool isIPv4)
    {
        Start(s_lifetimes with { OneWay = s_short });
        using var callee = new Callee(_lab.Router, Outside(isIPv4), ProtocolType.Udp);
        using var client = callee.Connect(_lab.Pod);
        _ = client.Send([1]);
        AssertItEnds();
    }

    [Test]
    public void A_UDP_flow_with_answers([Values] bool isIPv4)
    {
        Start(s_lifetimes with { TwoWay = s_short });
        using var talk = new Talk(_lab.Pod, _lab.Router, Outside(isIPv4), ProtocolType.Udp);
        talk.Exchange();
        AssertItEnds();
    }

    [Test]
    public void An_echo([Values] bool isIPv4)
    {
        Start(s_lifetimes with { Icmp = s_short });
        using var socket = _lab.Pod.Run(() => new Socket(
            isIPv4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6, SocketType.Raw, isIPv4 ? ProtocolType.Icmp : ProtocolType.IcmpV6));
        _ = socket.SendTo(IcmpTests.Echo(isIPv4, 77, 56), new IPEndPoint(Outside(isIPv4), 0));
        AssertItEnds();
    }

    private static IPAddress Outside(bool isIPv4) => isIPv4 ? NatLab.Outside4 : NatLab.Outside6;

    private void Start(FlowLifetimes lifetimes)
    {
        _lab = new(options => options with { Lifetimes = lifetimes, SweepInterval = TimeSpan.FromDays(1) });
        _lab.Masquerade.Apply(NatLab.Rules());
    }

    // The reader of flows and the program that ends them have the lifetimes each for itself. All but that of this flow last a day.
    private void AssertItEnds()
    {
        var flow = _lab.Masquerade.ReadFlows().Single();
        Assert.That(flow.ExpiresIn, Is.EqualTo(flow.Idle < s_short ? s_short - flow.Idle : TimeSpan.Zero));
        Assert.That(() => _lab.Ebpf.Sweep(), Is.EqualTo(1).After(20_000, 100));
    }
}
