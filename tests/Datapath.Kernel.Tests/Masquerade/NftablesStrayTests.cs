using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Netlink;

namespace Datapath.Kernel.Tests.Masquerade;

/// <summary>Flows that the kernel saw first while the nftables engine had no rules there.</summary>
[LoadTest]
internal sealed class NftablesStrayTests
{
    private readonly ConcurrentQueue<int> _ended = [];
    private IPEndPoint? _seen;
    private int _isAttacked;
    private NatLab _lab = null!;

    private NftablesMasquerade Engine => (NftablesMasquerade)_lab.Masquerade;

    [SetUp]
    public void StartLab()
    {
        _ended.Clear();
        (_seen, _isAttacked) = (null, 0);
        _lab = new(NatEngine.Nftables);
        _lab.RouteBack(); // what is not translated gets its answer
        Engine.StraysEnded += (_, count) => _ended.Enqueue(count);
    }

    [TearDown]
    public void StopLab() => _lab.Dispose();

    [Test]
    public void Before_the_first_rules_the_kernel_tracks_nothing_for_it()
    {
        using var callee = new Callee(_lab.Router, NatLab.Outside4, ProtocolType.Udp);
        using var client = callee.Connect(_lab.Pod);
        Assert.That(callee.Exchange(client).Address, Is.EqualTo(NatLab.Pod4));
        Assert.That(Connections(), Is.Empty);
        _lab.Masquerade.Apply(NatLab.Rules());
        Assert.That(callee.Exchange(client).Address, Is.EqualTo(NatLab.Node4));
        Assert.That(_ended, Is.Empty);
    }

    [Test]
    public void Flows_from_before_the_first_rules_are_translated_then([Values(ProtocolType.Tcp, ProtocolType.Udp)] ProtocolType protocol, [Values] bool isIPv4)
    {
        _lab.TrackAll();
        using var callee = new Callee(_lab.Router, isIPv4 ? NatLab.Outside4 : NatLab.Outside6, ProtocolType.Udp);
        using var client = callee.Connect(_lab.Pod);
        Assert.That(callee.Exchange(client).Address, Is.EqualTo(isIPv4 ? NatLab.Pod4 : NatLab.Pod6));
        using var fromOutside = new Talk(_lab.Router, _lab.Pod, isIPv4 ? NatLab.Pod4 : NatLab.Pod6, protocol);
        fromOutside.Exchange();
        var before = Connections();
        Assert.That(before, Has.Length.EqualTo(2));
        _lab.Masquerade.Apply(NatLab.Rules());
        Assert.That(_ended, Is.EqualTo([1]), "that of the pod");
        Assert.That(Connections(), Is.EqualTo(before.Where(entry => !entry.Source.Equals(client.LocalEndPoint))), "that from outside stays");
        Assert.That(callee.Exchange(client).Address, Is.EqualTo(isIPv4 ? NatLab.Node4 : NatLab.Node6));
        fromOutside.Exchange();
        fromOutside.Exchange(isServerFirst: true);
    }

    [Test]
    public void A_flow_that_the_rules_keep_or_that_is_the_nodes_own_stays()
    {
        _lab.TrackAll();
        using var kept = new Callee(_lab.Router, NatLab.OtherOutside4, ProtocolType.Udp);
        _ = kept.TakeFrom(_lab.Pod);
        _ = kept.TakeFrom(_lab.Node);
        using var inside = new Callee(_lab.Node, NatLab.Node4, ProtocolType.Udp);
        _ = inside.TakeFrom(_lab.Pod); // leaves by no device
        var before = Connections();
        Assert.That(before, Has.Length.EqualTo(3));
        _lab.Masquerade.Apply(NatLab.Rules("198.51.100.2/32"));
        Assert.That(Connections(), Is.EqualTo(before));
        Assert.That(_ended, Is.Empty);
    }

    [Test]
    public void Rules_that_change_end_nothing()
    {
        _lab.TrackAll();
        _lab.Masquerade.Apply(NatLab.Rules("198.51.100.0/24"));
        using var callee = new Callee(_lab.Router, NatLab.Outside4, ProtocolType.Udp);
        using var client = callee.Connect(_lab.Pod);
        Assert.That(callee.Exchange(client).Address, Is.EqualTo(NatLab.Pod4));
        _lab.Masquerade.Apply(NatLab.Rules());
        Assert.That(callee.Exchange(client).Address, Is.EqualTo(NatLab.Pod4));
    }

    [Test]
    public void Flows_that_began_before_the_table_was_put_back_are_translated_then([Values] bool isIPv4)
    {
        _lab.TrackAll();
        var (outside, pod, node) = isIPv4 ? (NatLab.Outside4, NatLab.Pod4, NatLab.Node4) : (NatLab.Outside6, NatLab.Pod6, NatLab.Node6);
        _lab.Masquerade.Apply(NatLab.Rules());
        using var callee = new Callee(_lab.Router, outside, ProtocolType.Udp);
        using var client = callee.Connect(_lab.Pod);
        using var fromOutside = new Talk(_lab.Router, _lab.Pod, pod, ProtocolType.Udp);
        using var translated = new Talk(_lab.Pod, _lab.Router, outside, ProtocolType.Udp);
        fromOutside.Exchange();
        translated.Exchange();
        Engine.TableChanged += (_, _) =>
        {
            // As somebody who deletes it again in the moment it is put back: on the thread that guards, so nothing is put back meanwhile.
            if (Interlocked.Exchange(ref _isAttacked, 1) == 1)
                return;
            Remove(NftablesMasqueradeOptions.DefaultTable);
            _seen = callee.Exchange(client);
        };
        Remove(NftablesMasqueradeOptions.DefaultTable);
        Eventually.True(() => !_ended.IsEmpty, "what began without the table is ended");
        Assert.That(_seen?.Address, Is.EqualTo(pod), "it leaked");
        Assert.That(_ended, Is.EqualTo([1]));
        Assert.That(callee.Exchange(client).Address, Is.EqualTo(node));
        fromOutside.Exchange();
        fromOutside.Exchange(isServerFirst: true);
        translated.Exchange();
        translated.Exchange(isServerFirst: true);
    }

    private void Remove(string table)
    {
        using var stranger = _lab.Node.Run(static () => new NftNetlink());
        var batch = new NftBatch(table);
        batch.DeleteTable();
        stranger.Commit(batch);
    }

    // Of datagrams and TCP of the lab: neighbour discovery and the like is not meant.
    private (IPEndPoint Source, uint Id)[] Connections()
    {
        using var connections = _lab.Node.Run(static () => new ConntrackNetlink());
        return
        [
            .. connections.List().Where(static entry => entry.Original.Protocol is 6 or 17)
                .Select(static entry => (entry.Original.Source, entry.Key.Id)).OrderBy(static entry => entry.Id),
        ];
    }
}
