using System.Diagnostics;
using System.Net.Sockets;
using Datapath.BpfObjects;
using Datapath.BpfObjects.Layout;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Bpf;

namespace Datapath.Kernel.Tests.Masquerade.Flows;

/// <summary>One of the two entries of a flow is lost, and the flow goes on.</summary>
[LoadTest]
internal sealed class LostEntryTests
{
    private NatLab _lab = null!;

    [SetUp]
    public void StartLab()
    {
        _lab = NatLab.Pinned();
        _lab.Masquerade.Apply(NatLab.Rules());
    }

    [TearDown]
    public void StopLab() => _lab.Dispose();

    [Test]
    public void The_incoming_entry_comes_back_with_the_next_packet_that_leaves([Values(ProtocolType.Tcp, ProtocolType.Udp)] ProtocolType protocol, [Values] bool isIPv4)
    {
        using var talk = new Talk(_lab.Pod, _lab.Router, isIPv4 ? NatLab.Outside4 : NatLab.Outside6, protocol);
        talk.Exchange();
        Lose(FlowDirection.In);
        WaitUntilIdle();
        talk.Exchange();
        Assert.That(_lab.Masquerade.ReadCounters()[nameof(NatCounter.Repaired)], Is.EqualTo(1));
    }

    [Test]
    public void The_outgoing_entry_comes_back_with_the_next_packet_that_leaves(
        [Values(ProtocolType.Tcp, ProtocolType.Udp)] ProtocolType protocol, [Values] bool isIPv4)
    {
        using var talk = new Talk(_lab.Pod, _lab.Router, isIPv4 ? NatLab.Outside4 : NatLab.Outside6, protocol, port: 8080, sourcePort: 40000);
        talk.Exchange();
        Lose(FlowDirection.Out);
        talk.Exchange();
        Assert.That(_lab.Masquerade.ReadFlows(), Has.Length.EqualTo(1));
    }

    [Test]
    public void The_outgoing_entry_comes_back_with_the_next_answer_whatever_port_it_had([Values] bool isIPv4)
    {
        _lab.Reopen(_lab.Options with { FirstPort = 50000, LastPort = 50099 });
        using var talk = new Talk(_lab.Pod, _lab.Router, isIPv4 ? NatLab.Outside4 : NatLab.Outside6, ProtocolType.Udp, sourcePort: 41000);
        Assert.That(talk.Client.Port, Is.InRange(50000, 50099));
        talk.Exchange();
        Lose(FlowDirection.Out);
        WaitUntilIdle();
        talk.Exchange(isServerFirst: true);
    }

    [Test]
    public void A_flow_that_a_packet_brings_back_after_its_end_was_told_is_told_as_made_again([Values] bool isIPv4)
    {
        _lab.Reopen(_lab.Options with { Lifetimes = new() { TwoWay = TimeSpan.FromSeconds(1), OneWay = TimeSpan.FromSeconds(1) }, SweepInterval = TimeSpan.FromDays(1) });
        using var log = new NatLog(_lab);
        using var talk = new Talk(_lab.Pod, _lab.Router, isIPv4 ? NatLab.Outside4 : NatLab.Outside6, ProtocolType.Udp);
        talk.Exchange();
        var first = log.TakeOne<MasqueradeMappingMade>();
        Lose(FlowDirection.Out); // as if the flow had been over, and a packet had made the incoming entry anew between the two deletions
        WaitUntilIdle();
        talk.Exchange(isServerFirst: true);
        var second = log.TakeOne<MasqueradeMappingMade>();
        Assert.That(second, Is.EqualTo(first with { Time = second.Time }));
        Assert.That(() => _lab.Ebpf.Sweep(), Is.EqualTo(1).After(10_000, 50));
        var ended = log.TakeOne<MasqueradeMappingEnded>();
        Assert.That((ended.Source, ended.Translated, ended.Destination), Is.EqualTo((first.Source, first.Translated, first.Destination)));
        Assert.That(ended.Began, Is.GreaterThan(first.Time), "it is the later one that ends");
    }

    [Test]
    public void A_flow_whose_port_another_has_by_now_takes_nothing_of_that_with_it([Values] bool isIPv4)
    {
        var outside = isIPv4 ? NatLab.Outside4 : NatLab.Outside6;
        _lab.Reopen(_lab.Options with { FirstPort = 40000, LastPort = 40000, Lifetimes = new() { TwoWay = TimeSpan.FromSeconds(1), OneWay = TimeSpan.FromSeconds(1) }, SweepInterval = TimeSpan.FromDays(1) });
        using var callee = new Callee(_lab.Router, outside, ProtocolType.Udp);
        _ = callee.TakeFrom(_lab.Pod, 3000);
        Lose(FlowDirection.In);
        using var later = callee.Connect(_lab.Pod, 3001);
        Eventually.True(
            () =>
            {
                Assert.That(callee.Exchange(later).Port, Is.EqualTo(40000));
                return _lab.Ebpf.Sweep() == 1;
            }, "the first is over, and the other goes on");
        _ = callee.Exchange(later);
        Assert.That(_lab.Masquerade.ReadFlows().Single().Source.Port, Is.EqualTo(3001));
        Assert.That(_lab.Masquerade.ReadCounters()[nameof(NatCounter.Repaired)], Is.Zero);
    }

    // A quarter of a second after its last packet the entries are looked at again.
    private void WaitUntilIdle() => Eventually.True(
        () => Read<FlowKey4, Flow4>(MasqueradeObject.Flows4).Select(static entry => entry.Value.UsedAt)
            .Concat(Read<FlowKey6, Flow6>(MasqueradeObject.Flows6).Select(static entry => entry.Value.UsedAt))
            .All(static usedAt => (ulong)Stopwatch.GetTimestamp() > usedAt + 300_000_000),
        "the flow is idle");

    private void Lose(FlowDirection direction)
    {
        Remove<FlowKey4, Flow4>(MasqueradeObject.Flows4, key => key.Direction == direction);
        Remove<FlowKey6, Flow6>(MasqueradeObject.Flows6, key => key.Direction == direction);
    }

    private void Remove<TKey, TFlow>(string name, Func<TKey, bool> isMeant)
        where TKey : unmanaged
        where TFlow : unmanaged
    {
        using var map = BpfMap.OpenPinned(Path.Combine(PinFolder.MapsOf(_lab.Options.BpfRoot), name));
        _ = map.AsHash<TKey, TFlow>().RemoveAll([.. Read<TKey, TFlow>(name).Select(static entry => entry.Key).Where(isMeant)]);
    }

    private List<KeyValuePair<TKey, TFlow>> Read<TKey, TFlow>(string name)
        where TKey : unmanaged
        where TFlow : unmanaged
    {
        using var map = BpfMap.OpenPinned(Path.Combine(PinFolder.MapsOf(_lab.Options.BpfRoot), name));
        return map.AsHash<TKey, TFlow>().ToList();
    }
}
