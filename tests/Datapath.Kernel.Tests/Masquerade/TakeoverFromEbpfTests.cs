using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Masquerade;

namespace Datapath.Kernel.Tests.Masquerade;

/// <summary>What connection tracking knows less of than the eBPF engine, whose place it takes.</summary>
[LoadTest]
internal sealed class TakeoverFromEbpfTests
{
    private const byte Gre = 47;
    private NatLab _lab = null!;

    [SetUp]
    public void StartLab()
    {
        _lab = NatLab.Pinned(NatEngine.Ebpf, static options => options with { FirstPort = 20000, LastPort = 20999, Untranslatable = UntranslatableProtocols.TranslateAddress });
        _lab.Masquerade.Apply(NatLab.Rules());
    }

    [TearDown]
    public void StopLab() => _lab.Dispose();

    [Test]
    public void A_flow_without_ports_is_not_taken_for_its_peers()
    {
        _lab.RouteBack();
        using var leaks = new LeakWatch(_lab.Router, NatLab.Pod4);
        using var caller = OtherProtocolTests.Open(_lab.Pod, Gre, NatLab.Pod4);
        using var callee = OtherProtocolTests.Open(_lab.Router, Gre, NatLab.Outside4);
        _ = caller.SendTo(new byte[64], new IPEndPoint(NatLab.Outside4, 0));
        using var ending = new CancellationTokenSource();
        var answers = Task.Factory.StartNew(
            () =>
            {
                while (!ending.IsCancellationRequested)
                    _ = callee.SendTo(new byte[64], new IPEndPoint(NatLab.Node4, 0));
            }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        _ = _lab.OpenOther();
        _lab.Masquerade.Apply(NatLab.Rules());
        for (var i = 0; i < 100; i++)
            _ = caller.SendTo(new byte[64], new IPEndPoint(NatLab.Outside4, 0));
        ending.Cancel();
        answers.GetAwaiter().GetResult();
        Assert.That(leaks.End(), Is.Empty);
    }

    [Test]
    public void A_connection_that_was_taken_in_the_midst_of_it_goes_on_though_nobody_has_answered([Values] bool isTracked)
    {
        if (isTracked)
            _lab.TrackAll();
        using var leaks = new LeakWatch(_lab.Router, NatLab.Pod4);
        using var wire = new Wire(_lab.Router);
        Say();
        _ = _lab.OpenOther();
        _lab.Masquerade.Apply(NatLab.Rules());
        Say();
        var seen = wire.Take(NatLab.Node4, 2).ToArray();
        Assert.That(seen, Has.Length.EqualTo(2));
        Assert.That(leaks.End(), Is.Empty);

        // Nobody is there, but that is not told.
        void Say() => TcpSegment.Send(_lab.Pod, new(NatLab.Pod4, 40000), new(IPAddress.Parse("198.51.100.77"), 80), TcpFlags.Ack, 1000, 2000);
    }

    [Test]
    public void A_flow_to_a_service_of_somebody_elses_goes_on([Values(ProtocolType.Tcp, ProtocolType.Udp)] ProtocolType protocol)
    {
        var service = new IPEndPoint(IPAddress.Parse("203.0.113.1"), 80);
        _lab.Node.Run(() =>
        {
            var made = Tool.Run($"table ip services {{ chain pre {{ type nat hook prerouting priority -100; ip daddr {service.Address} dnat to {NatLab.Outside4}; }}\n}}\n", "nft", "-f", "-");
            Assert.That(made.ExitCode, Is.Zero, made.Said);
        });
        using var talk = new Talk(_lab.Pod, _lab.Router, NatLab.Outside4, protocol, port: 80, dialed: service);
        talk.Exchange();
        _ = _lab.OpenOther();
        _lab.Masquerade.Apply(NatLab.Rules());
        talk.Exchange(isServerFirst: true);
        talk.Exchange(length: protocol is ProtocolType.Tcp ? 100_000 : 100);
    }

    [Test]
    public void Answers_that_go_nowhere_for_a_moment_are_not_told_of([Values] bool isIPv4)
    {
        using var talk = new Talk(_lab.Pod, _lab.Router, isIPv4 ? NatLab.Outside4 : NatLab.Outside6, ProtocolType.Udp);
        talk.Exchange();
        _lab.Masquerade.Dispose();
        using var log = new NatLog(MasqueradeMonitor.Open(_lab.Options.BpfRoot, new() { DeviceNames = static _ => "eth0" }));
        using (var pinned = PinnedMasquerade.TryOpen(_lab.Options.BpfRoot)!)
        {
            var known = pinned.ReadFlows();
            pinned.HandOver(known, known.Select(HandedFlow.Of).OfType<HandedFlow>());

            // Now and then an answer has its flow's other entry looked for, at most every 2 s.
            var start = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(2.5))
                _ = talk.Called.Send([1]);
        }

        _lab.Reopen();
        _lab.Masquerade.Apply(NatLab.Rules());
        Assert.That(log.Take(), Is.Empty);
        Assert.That(_lab.Masquerade.ReadFlows(), Has.Length.EqualTo(1));
        talk.Exchange(isServerFirst: true);
    }
}
