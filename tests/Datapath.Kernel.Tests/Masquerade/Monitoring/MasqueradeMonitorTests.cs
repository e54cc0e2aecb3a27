using System.Net;
using System.Net.Sockets;
using Datapath.BpfObjects;
using Datapath.BpfObjects.Layout;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Bpf.Ring;
using Datapath.Linux.Masquerade;

namespace Datapath.Kernel.Tests.Masquerade;

/// <summary>Listeners of egress NAT come and go, hear what they asked for, and leave nothing behind that costs.</summary>
[LoadTest]
internal sealed class MasqueradeMonitorTests
{
    private static readonly (IPAddress Pod, IPAddress Outside)[] s_ways = [(NatLab.Pod4, NatLab.Outside4), (NatLab.Pod6, NatLab.Outside6)];
    private NatLab _lab = null!;
    private TestPins _pins = null!;

    [SetUp]
    public void StartLab()
    {
        _pins = new();
        _lab = new(options => options with { Lifetime = DatapathLifetime.Pinned, BpfRoot = _pins.Path, SweepInterval = TimeSpan.FromDays(1) });
        _lab.Masquerade.Apply(NatLab.Rules());
    }

    [TearDown]
    public void StopLab()
    {
        _lab.Dispose();
        _pins.Dispose();
    }

    private uint Hears
    {
        get
        {
            using var state = NatStateMap.TryOpenPinned(_pins.Path);
            return state!.Value.Hears;
        }
    }

    [Test]
    public void Nothing_is_written_before_and_after_a_listener([Values] bool keepsLog)
    {
        Happen(3000);
        Assert.That((Hears, Pending(keepsLog)), Is.EqualTo((0u, 0L)), "before");
        using (var log = new NatLog(_lab, new() { KeepsLog = keepsLog }))
        {
            Assert.That(Hears, Is.EqualTo(keepsLog ? 0xf0u : 0x0fu));
            Happen(3001);
            Assert.That(log.Take(), Has.Count.EqualTo(4), "while it listens");
        }

        Happen(3002);
        Assert.That((Hears, Pending(keepsLog)), Is.EqualTo((0u, 0L)), "after");
    }

    [Test]
    public void A_listener_that_was_killed_is_told_nothing_any_more_and_another_takes_its_place()
    {
        using var map = _lab.Ebpf.OpenMap(MasqueradeObject.Listeners);
        using var memory = map.MapMemory<NatListener>();
        using (var other = new NatLog(_lab, new() { KeepsLog = true }))
        {
            using (var state = NatStateMap.TryOpenPinned(_pins.Path))
                state!.Hear(0x0f);
            memory.DangerousItem(0) = new() { Until = ulong.MaxValue, PacketsPerSecond = 100 };
            Happen(3000);
            var told = Pending(keepsLog: false);
            Assert.That(told, Is.Positive);
            memory.DangerousItem(0).Until = 1;
            Happen(3001);
            Assert.That((Pending(keepsLog: false), Hears), Is.EqualTo((told, 0xf0u)), "the other's flags stay");
            Assert.That(other.Take(), Has.Count.EqualTo(8));
        }

        using var next = new NatLog(_lab);
        Assert.That(next.Take(), Is.Empty, "what an earlier listener left is not told to the next");
        Happen(3002);
        Assert.That(next.Take(), Has.Count.EqualTo(4));
    }

    [Test]
    public void The_lease_of_a_process_that_was_killed_ends()
    {
        _lab.Masquerade.Dispose();
        using (var victim = NatVictimProcess.StartListening(_lab.Node, _lab.Options))
        {
            victim.WaitUntilReady();
            Assert.That(Hears, Is.EqualTo(0x0f));
            Assert.That(Assert.Throws<MasqueradeMonitorInUseException>(() => MasqueradeMonitor.Open(_pins.Path).Dispose())!.ListenerPid, Is.EqualTo(victim.Id));
            victim.Kill();
        }

        Assert.That(Hears, Is.EqualTo(0x0f), "it could not say so");
        Eventually.True(
            () =>
            {
                RawPacket.Send(_lab.Pod, new(NatLab.Pod4, 0), new(NatLab.Outside4, 0), RawPacket.Gre);
                return Hears == 0;
            },
            "the first event after the lease ends it");
        using var log = new NatLog(MasqueradeMonitor.Open(_pins.Path));
        RawPacket.Send(_lab.Pod, new(NatLab.Pod4, 0), new(NatLab.Outside4, 0), RawPacket.Gre);
        Assert.That(log.Take(), Has.Count.EqualTo(1));
    }

    [Test]
    public void A_second_listener_for_the_same_purpose_is_refused_with_the_process_of_the_first([Values] bool keepsLog, [Values] bool isPinned)
    {
        using var unpinned = isPinned ? null : new NatLab(NatEngine.Ebpf);
        var lab = unpinned ?? _lab;
        using var first = new NatLog(lab, new() { KeepsLog = keepsLog });
        using var other = new NatLog(lab, new() { KeepsLog = !keepsLog });
        var refusal = Assert.Throws<MasqueradeMonitorInUseException>(() => MasqueradeMonitor.Open(lab.Ebpf, new() { KeepsLog = keepsLog }).Dispose())!;
        Assert.That(refusal.ListenerPid, Is.EqualTo(Environment.ProcessId));
        Assert.That(refusal.Message, Does.StartWith($"process {Environment.ProcessId} already {(keepsLog ? "keeps a log of" : "watches")} the masquerading of "));
        first.Dispose();
        Assert.That(() => MasqueradeMonitor.Open(lab.Ebpf, new() { KeepsLog = keepsLog }).Dispose(), Throws.Nothing);
    }

    [Test]
    public async Task Who_listens_is_told_that_it_was_uninstalled([Values] bool keepsLog)
    {
        using var monitor = MasqueradeMonitor.Open(_pins.Path, new() { KeepsLog = keepsLog });
        await using var reading = monitor.ReadAllAsync().GetAsyncEnumerator();
        var next = reading.MoveNextAsync().AsTask();
        _lab.Masquerade.Dispose();
        Assert.That(_lab.Node.Run(() => LinuxMasquerade.Uninstall(_pins.Path)), Is.True);
        var end = (await Assert.ThrowsAsync<LinuxException>(async () => await next.WaitAsync(TimeSpan.FromSeconds(60))))!;
        Assert.That((end.Errno, end.Message), Is.EqualTo((Errno.ENOENT, $"listen to the masquerading of '{_pins.Path}': ENOENT (it was uninstalled)")));
    }

    [Test]
    public void Drops_are_reported_as_the_documentation_does_it()
    {
        using var stop = new CancellationTokenSource();
        var reports = new List<string>();
        var reporting = ReportAsync(
            _pins.Path,
            report =>
            {
                reports.Add(report);
                stop.Cancel();
            },
            stop.Token);
        RawPacket.Send(_lab.Pod, new(NatLab.Pod6, 0), new(NatLab.Outside6, 0), RawPacket.Gre);
        Assert.That(async () => await reporting.WaitAsync(TimeSpan.FromSeconds(60)), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(reports, Is.EqualTo(new[] { $"RefusedProtocol: [{NatLab.Pod6}]:0 to [{NatLab.Outside6}]:0, and 0 like it" }));

        static async Task ReportAsync(string bpfRoot, Action<string> report, CancellationToken cancellationToken)
        {
            using var monitor = MasqueradeMonitor.Open(bpfRoot, new() { Mappings = false });
            await foreach (var told in monitor.ReadAllAsync(cancellationToken))
            {
                if (told is MasqueradePacketEvent { IsDropped: true } packet)
                    report($"{packet.Reason}: {packet.Source} to {packet.Destination}, and {packet.HeldBack} like it");
            }
        }
    }

    [Test]
    public void Events_without_room_are_counted_as_lost()
    {
        const int Flows = 12000; // of which the ring of who watches has no room for all
        using var log = new NatLog(_lab);
        for (var port = 0; port < Flows; port++)
            RawPacket.Send(_lab.Pod, new(NatLab.Pod4, (ushort)(3000 + port)), new(NatLab.Outside4, 53), RawPacket.Udp);
        var told = log.Take().Count;
        Assert.That(told, Is.EqualTo((1 << 20) / 104));
        Assert.That(told + log.Monitor.Lost, Is.EqualTo(Flows));
        log.Dispose();
        Assert.That(told + log.Monitor.Lost, Is.EqualTo(Flows), "and known after its end");
        using var next = new NatLog(_lab);
        Assert.That(next.Monitor.Lost, Is.Zero);
    }

    private static IEnumerable<TestCaseData> Filters()
    {
        yield return Case("everything", new(), 6);
        yield return Case("packets", new() { Mappings = false }, 2);
        yield return Case("mappings", new() { Packets = false }, 4);
        yield return Case("IPv4", new() { Family = AddressFamily.InterNetwork }, 3);
        yield return Case("IPv6", new() { Family = AddressFamily.InterNetworkV6 }, 3);
        yield return Case("UDP", new() { Protocol = RawPacket.Udp }, 2);
        yield return Case("GRE", new() { Protocol = RawPacket.Gre }, 2);
        yield return Case("the source", new() { Source = IPNetwork.Parse("10.98.0.2/32") }, 3);
        yield return Case("a range of sources", new() { Source = IPNetwork.Parse("fd98::/64") }, 3);
        yield return Case("any IPv6 source", new() { Source = IPNetwork.Parse("::/0") }, 3);
        yield return Case("another source", new() { Source = IPNetwork.Parse("10.98.0.3/32") }, 0);
        yield return Case("the destination", new() { Destination = IPNetwork.Parse("198.51.100.0/31") }, 3);
        yield return Case("another destination", new() { Destination = IPNetwork.Parse("2001:db8:98::/48") }, 0);
        yield return Case("all at once", new() { Packets = false, Family = AddressFamily.InterNetwork, Protocol = RawPacket.Tcp, Source = IPNetwork.Parse("10.0.0.0/8") }, 1);

        static TestCaseData Case(string name, MasqueradeMonitorOptions options, int told) => new TestCaseData(options, told).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(Filters))]
    public void A_listener_hears_what_it_asked_for(MasqueradeMonitorOptions options, int told)
    {
        using var log = new NatLog(_lab, options);
        Happen(3000);
        foreach (var (pod, outside) in s_ways)
            RawPacket.Send(_lab.Pod, new(pod, 3000), new(outside, 80), RawPacket.Tcp, 2); // the first of a connection
        Assert.That(log.Take(), Has.Count.EqualTo(told));
    }

    private static IEnumerable<TestCaseData> Mistakes()
    {
        yield return Case(new() { Packets = false, Mappings = false }, "Packets and Mappings are both false");
        yield return Case(new() { Family = AddressFamily.Unix }, "Family");
        yield return Case(new() { Protocol = 0 }, "Protocol");
        yield return Case(new() { PacketsPerSecond = 0 }, "PacketsPerSecond");
        yield return Case(new() { Family = AddressFamily.InterNetwork, Source = IPNetwork.Parse("fd00::/8") }, "Source is fd00::/8, but only InterNetwork is asked for");
        yield return Case(new() { Source = IPNetwork.Parse("fd00::/8"), Destination = IPNetwork.Parse("10.0.0.0/8") }, "Destination is 10.0.0.0/8, but only InterNetworkV6 is asked for");

        static TestCaseData Case(MasqueradeMonitorOptions options, string message) => new TestCaseData(options, message).SetArgDisplayNames(message);
    }

    [TestCaseSource(nameof(Mistakes))]
    public void Options_that_cannot_be_are_refused(MasqueradeMonitorOptions options, string message) =>
        Assert.That(() => MasqueradeMonitor.Open(_lab.Ebpf, options).Dispose(), Throws.InstanceOf<ArgumentException>().With.Message.Contains(message));

    /// <summary>In each family a flow begins and a packet is dropped.</summary>
    private void Happen(ushort port)
    {
        foreach (var (pod, outside) in s_ways)
        {
            RawPacket.Send(_lab.Pod, new(pod, port), new(outside, 53), RawPacket.Udp);
            RawPacket.Send(_lab.Pod, new(pod, 0), new(outside, 0), RawPacket.Gre);
        }
    }

    private long Pending(bool keepsLog)
    {
        using var map = _lab.Ebpf.OpenMap(keepsLog ? MasqueradeObject.LogRing : MasqueradeObject.WatchRing);
        using var ring = BpfRingBuffer.Open(map);
        return ring.PendingBytes;
    }
}
