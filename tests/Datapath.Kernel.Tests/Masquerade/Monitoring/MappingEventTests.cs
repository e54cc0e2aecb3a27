using System.Net;
using System.Net.Sockets;
using Datapath.BpfObjects.Layout;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;

namespace Datapath.Kernel.Tests.Masquerade;

/// <summary>A listener is told of each mapping once as it is made, and once as it ends, however it ends.</summary>
[TestFixture(true)]
[TestFixture(false)]
[LoadTest]
internal sealed class MappingEventTests(bool isIPv4)
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);
    private readonly IPAddress _pod = isIPv4 ? NatLab.Pod4 : NatLab.Pod6;
    private readonly IPAddress _outside = isIPv4 ? NatLab.Outside4 : NatLab.Outside6;
    private readonly IPAddress _node = isIPv4 ? NatLab.Node4 : NatLab.Node6;

    private NatLab Start(Func<LinuxMasqueradeOptions, LinuxMasqueradeOptions>? change = null)
    {
        var lab = new NatLab(options =>
        {
            options = options with { Lifetimes = new() { TwoWay = s_second, OneWay = s_second, TcpClosing = s_second }, SweepInterval = TimeSpan.FromDays(1) };
            return change?.Invoke(options) ?? options;
        });
        lab.Masquerade.Apply(NatLab.Rules());
        return lab;
    }

    [Test]
    public void One_that_expires([Values] bool isOtherPort)
    {
        using var lab = Start(options => isOtherPort ? options with { FirstPort = 40000, LastPort = 40000 } : options);
        using var log = new NatLog(lab);
        using var callee = new Callee(lab.Router, _outside, ProtocolType.Udp);
        var seen = callee.TakeFrom(lab.Pod, 3000);
        var made = AssertMade(lab, log, callee, ProtocolType.Udp, 3000, seen);
        Assert.That(() => lab.Ebpf.Sweep(), Is.EqualTo(1).After(10_000, 50));
        AssertEnded(log, made, NatEnd.Expired);
        Assert.That(lab.Ebpf.Sweep(), Is.Zero);
        Assert.That(log.Take(), Is.Empty);
    }

    [Test]
    public void One_that_TCP_ends()
    {
        using var lab = Start();
        using var log = new NatLog(lab);
        using var callee = new Callee(lab.Router, _outside, ProtocolType.Tcp);
        var seen = callee.TakeFrom(lab.Pod, 3000);
        var made = AssertMade(lab, log, callee, ProtocolType.Tcp, 3000, seen);
        Assert.That(() => lab.Ebpf.Sweep(), Is.EqualTo(1).After(10_000, 50));
        AssertEnded(log, made, NatEnd.Closed);
    }

    [Test]
    public void One_whose_address_goes()
    {
        using var lab = Start(static options => options with { Lifetimes = new() });
        using var log = new NatLog(lab);
        using var callee = new Callee(lab.Router, _outside, ProtocolType.Udp);
        var made = AssertMade(lab, log, callee, ProtocolType.Udp, 3000, callee.TakeFrom(lab.Pod, 3000));
        using (var node = lab.Node.OpenRouteNetlink())
            node.DeleteAddress(node.GetLink("eth0").Index, _node, isIPv4 ? 24 : 64);
        lab.Ebpf.RefreshDevices();
        AssertEnded(log, made, NatEnd.AddressGone);
        lab.Ebpf.RefreshDevices();
        Assert.That(log.Take(), Is.Empty);
    }

    [Test]
    public void One_that_goes_with_the_process()
    {
        using var lab = Start();
        using var log = new NatLog(lab);
        using var callee = new Callee(lab.Router, _outside, ProtocolType.Udp);
        var made = AssertMade(lab, log, callee, ProtocolType.Udp, 3000, callee.TakeFrom(lab.Pod, 3000));
        lab.Masquerade.Dispose();
        AssertEnded(log, made, NatEnd.Removed);
    }

    [Test]
    public void One_that_outlives_the_process_and_is_uninstalled()
    {
        using var pins = new TestPins();
        using var lab = Start(options => options with { Lifetime = DatapathLifetime.Pinned, BpfRoot = pins.Path, MaxFlows = 77 });
        using var log = new NatLog(MasqueradeMonitor.Open(pins.Path, new() { DeviceNames = static _ => "eth0" }));
        using var callee = new Callee(lab.Router, _outside, ProtocolType.Udp);
        var made = AssertMade(lab, log, callee, ProtocolType.Udp, 3000, callee.TakeFrom(lab.Pod, 3000));
        lab.Masquerade.Dispose();
        Assert.That(log.Take(), Is.Empty, "it goes on");
        Assert.That(lab.Node.Run(() => LinuxMasquerade.Uninstall(pins.Path)), Is.True);
        AssertEnded(log, made, NatEnd.Removed);
    }

    [Test]
    public void An_echo()
    {
        using var lab = Start(static options => options with { Lifetimes = new() { Icmp = s_second } });
        using var log = new NatLog(lab);
        using var socket = lab.Pod.Run(() => new Socket(_pod.AddressFamily, SocketType.Raw, isIPv4 ? ProtocolType.Icmp : ProtocolType.IcmpV6));
        _ = socket.SendTo([(byte)(isIPv4 ? 8 : 128), 0, 0, 0, 0, 77, 0, 1], new IPEndPoint(_outside, 0));
        var made = log.TakeOne<MasqueradeMappingMade>();
        Assert.That((made.Source, made.Translated), Is.EqualTo((new FlowEnd(_pod, 77), new FlowEnd(_node, 77))));
        Assert.That(() => lab.Ebpf.Sweep(), Is.EqualTo(1).After(10_000, 50));
        AssertEnded(log, made, NatEnd.Expired);
    }

    [Test]
    public void Many_each_once()
    {
        const int Flows = 3000; // more than what one read of a walk takes
        using var lab = Start();
        using var log = new NatLog(lab);
        for (var port = 0; port < Flows; port++)
            RawPacket.Send(lab.Pod, new(_pod, (ushort)(3000 + port)), new(_outside, 53), RawPacket.Udp);
        var made = log.Take().Cast<MasqueradeMappingMade>().ToList();
        Assert.That(made.Select(static flow => (int)flow.Source.Port), Is.EqualTo(Enumerable.Range(3000, Flows)));
        var ended = 0;
        Assert.That(() => ended += lab.Ebpf.Sweep(), Is.EqualTo(Flows).After(10_000, 50));
        Assert.That(
            log.Take().Cast<MasqueradeMappingEnded>().Select(static flow => (flow.Source, flow.Translated, flow.Destination)),
            Is.EquivalentTo(made.Select(static flow => (flow.Source, flow.Translated, flow.Destination))));
        Assert.That(log.Monitor.Lost, Is.Zero);
    }

    [Test]
    public void Who_watches_and_who_keeps_a_log_are_told_the_same()
    {
        using var lab = Start();
        using var watch = new NatLog(lab);
        using var log = new NatLog(lab, new() { KeepsLog = true });
        using var callee = new Callee(lab.Router, _outside, ProtocolType.Udp);
        _ = callee.TakeFrom(lab.Pod, 3000);
        Assert.That(() => lab.Ebpf.Sweep(), Is.EqualTo(1).After(10_000, 50));
        var (watched, logged) = (watch.Take(), log.Take());
        Assert.That(watched.Select(static e => (e.GetType(), e.Source, e.Destination)), Is.EqualTo(logged.Select(static e => (e.GetType(), e.Source, e.Destination))));
        Assert.That(logged, Has.Count.EqualTo(2));
    }

    private MasqueradeMappingMade AssertMade(NatLab lab, NatLog log, Callee callee, ProtocolType protocol, ushort port, IPEndPoint seen)
    {
        var made = log.TakeOne<MasqueradeMappingMade>();
        Assert.That(made, Is.EqualTo(new MasqueradeMappingMade
        {
            Time = made.Time,
            Protocol = (byte)protocol,
            Source = new(_pod, port),
            Destination = new(_outside, (ushort)callee.Address.Port),
            Translated = new(_node, (ushort)seen.Port),
            DeviceIndex = lab.Masquerade.Devices.Single().Index,
            Device = "eth0",
        }));
        return made;
    }

    private static void AssertEnded(NatLog log, MasqueradeMappingMade made, NatEnd reason)
    {
        var ended = log.TakeOne<MasqueradeMappingEnded>();
        Assert.That(ended, Is.EqualTo(new MasqueradeMappingEnded
        {
            Time = ended.Time,
            Protocol = made.Protocol,
            Source = made.Source,
            Destination = made.Destination,
            Translated = made.Translated,
            Reason = reason,
            Began = ended.Began,
            LastPacket = ended.LastPacket,
        }));
        Assert.That(ended.Began, Is.EqualTo(made.Time).Within(s_second), "the clocks of both are read at other times");
        Assert.That(new[] { ended.Began, ended.LastPacket, ended.Time }, Is.Ordered);
    }
}
