using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Masquerade;
using Datapath.Linux.Netlink;

namespace Datapath.Kernel.Tests.Masquerade;

/// <summary>An engine takes the place of the other, whose process is gone. All ports are moved, so none is the same by chance.</summary>
[TestFixture(NatEngine.Ebpf, false)]
[TestFixture(NatEngine.Ebpf, true)]
[TestFixture(NatEngine.Nftables, false)]
[TestFixture(NatEngine.Nftables, true)]
[LoadTest]
internal sealed class TakeoverTests(NatEngine first, bool isTracked)
{
    private readonly ConcurrentQueue<MasqueradeTakeover> _takeovers = [];
    private NatLab _lab = null!;
    private MasqueradeState _rules = null!;

    [SetUp]
    public void StartLab()
    {
        _takeovers.Clear();
        _rules = NatLab.Rules();
        _lab = NatLab.Pinned(first, static options => options with { FirstPort = 20000, LastPort = 29999, MaxFlows = 4096 });
        if (isTracked)
            _lab.TrackAll();
        _lab.Masquerade.Apply(_rules);
    }

    [TearDown]
    public void StopLab() => _lab.Dispose();

    [Test]
    public void Flows_go_on_with_the_addresses_and_ports_that_they_had([Values] bool isIPv4)
    {
        var outside = isIPv4 ? NatLab.Outside4 : NatLab.Outside6;
        using var tcp = new Talk(_lab.Pod, _lab.Router, outside, ProtocolType.Tcp);
        using var silent = new Talk(_lab.Pod, _lab.Router, outside, ProtocolType.Tcp);
        using var udp = new Talk(_lab.Pod, _lab.Router, outside, ProtocolType.Udp);
        using var answer = new Talk(_lab.Pod, _lab.Router, outside, ProtocolType.Udp);
        using var half = new Talk(_lab.Pod, _lab.Router, outside, ProtocolType.Tcp);
        half.Caller.Shutdown(SocketShutdown.Send);
        foreach (var talk in new[] { tcp, udp, answer })
            talk.Exchange();
        var before = Translations();
        SwitchOver();
        Assert.That(Translations(), Is.EqualTo(before));
        Assert.That((_takeovers.Single().Flows, _takeovers.Single().Ended), Is.EqualTo((5, 0)), _takeovers.Single().Reason);
        for (var i = 0; i < 3; i++)
        {
            tcp.Exchange(isServerFirst: true, length: 100_000);
            udp.Exchange();
            answer.Exchange(isServerFirst: true);
        }

        silent.Exchange();
        _ = half.Called.Send([7]);
        Assert.That(half.Caller.Receive(new byte[2]), Is.EqualTo(1));
        foreach (var talk in new[] { tcp, udp, answer, silent, half })
            Assert.That(talk.Client.Address, Is.EqualTo(isIPv4 ? NatLab.Node4 : NatLab.Node6));
    }

    [Test]
    public void A_new_flow_gets_no_port_of_one_that_goes_on()
    {
        _lab.Dispose();
        _lab = NatLab.Pinned(first, static options => options with { FirstPort = 20000, LastPort = 20001 });
        _lab.Masquerade.Apply(_rules);
        using var callee = new Callee(_lab.Router, NatLab.Outside4, ProtocolType.Udp);
        using var one = callee.Connect(_lab.Pod);
        var port = callee.Exchange(one).Port;
        SwitchOver();
        Assert.That(callee.TakeFrom(_lab.Pod).Port, Is.EqualTo(20000 + 20001 - port));
        Assert.That(callee.Exchange(one).Port, Is.EqualTo(port));
    }

    [Test]
    [Pairwise]
    public void Connections_from_outside_go_on([Values] bool isIPv4, [Values(ProtocolType.Tcp, ProtocolType.Udp)] ProtocolType protocol, [Values] bool isAnySource)
    {
        _lab.RouteBack();
        if (isAnySource)
            _lab.Masquerade.Apply(_rules = NatLab.RulesByOrigin());
        using var fromOutside = new Talk(_lab.Router, _lab.Pod, isIPv4 ? NatLab.Pod4 : NatLab.Pod6, protocol, port: 8080);
        fromOutside.Exchange();
        SwitchOver();
        fromOutside.Exchange(isServerFirst: true);
        fromOutside.Exchange();
    }

    [Test]
    public void Nothing_leaves_as_it_is_and_no_connection_ends_while_both_sides_send_all_the_time([Values] bool isIPv4)
    {
        const int Pairs = 20;
        const int Rounds = 10;
        var outside = isIPv4 ? NatLab.Outside4 : NatLab.Outside6;
        _lab.RouteBack();
        using var leaks = new LeakWatch(_lab.Router, NatLab.Pod4, NatLab.Pod6);
        var callees = Enumerable.Range(0, Pairs).Select(_ => new DatagramPair(_lab, outside)).ToArray();
        var talks = Enumerable.Range(0, Pairs).Select(_ => new Talk(_lab.Pod, _lab.Router, outside, ProtocolType.Tcp)).ToArray();
        using var ending = new CancellationTokenSource();
        var rounds = 0;
        Task[] work =
        [
            Run(() =>
            {
                foreach (var pair in callees)
                    pair.Send();
            }),
            Run(() =>
            {
                foreach (var talk in talks)
                    talk.Exchange(isServerFirst: rounds % 2 == 0, length: 1000);
                rounds++;
            }),
        ];
        try
        {
            Eventually.True(() => Volatile.Read(ref rounds) > Rounds || work.Any(static task => task.IsFaulted), "they talk");
            SwitchOver();
            var now = Volatile.Read(ref rounds);
            Eventually.True(() => Volatile.Read(ref rounds) > now + Rounds || work.Any(static task => task.IsFaulted), "they talk on");
        }
        finally
        {
            ending.Cancel();
            Task.WaitAll(work);
        }

        Assert.That(callees.Select(static pair => string.Join(' ', pair.Seen)), Has.All.Match(@"^\S+$"), "one source each");
        Assert.That(leaks.End(), Is.Empty);
        foreach (var pair in callees)
            pair.Dispose();
        foreach (var talk in talks)
            talk.Dispose();

        Task Run(Action round) => Task.Factory.StartNew(
            () =>
            {
                while (!ending.IsCancellationRequested)
                    round();
            }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    [Test]
    public void Connections_that_begin_in_the_midst_of_it_come_about()
    {
        const int Callers = 6;
        using var leaks = new LeakWatch(_lab.Router, NatLab.Pod4, NatLab.Pod6);
        using var ending = new CancellationTokenSource();
        var made = 0;
        Task[] work =
        [
            .. Enumerable.Range(0, Callers).Select(_ => Task.Factory.StartNew(
                () =>
                {
                    while (!ending.IsCancellationRequested)
                    {
                        using var talk = new Talk(_lab.Pod, _lab.Router, NatLab.Outside4, ProtocolType.Tcp);
                        talk.Exchange();
                        talk.Exchange(isServerFirst: true);
                        _ = Interlocked.Increment(ref made);
                    }
                }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)),
        ];
        try
        {
            for (var i = 0; i < 4; i++)
            {
                var before = Volatile.Read(ref made);
                Eventually.True(() => Volatile.Read(ref made) > before + 50 || work.Any(static task => task.IsFaulted), "they talk");
                SwitchOver();
            }
        }
        finally
        {
            ending.Cancel();
            Task.WaitAll(work);
        }

        Assert.That(leaks.End(), Is.Empty);
    }

    [Test]
    public void Flows_for_which_there_is_no_room_begin_anew_and_the_others_go_on()
    {
        const int Room = 16;
        _lab.Dispose();
        _lab = NatLab.Pinned(first, static options => options with { MaxFlows = Room });
        _lab.Masquerade.Apply(_rules);
        Talk[] talks = [.. Enumerable.Range(0, first is NatEngine.Nftables ? Room + 4 : Room).Select(_ => new Talk(_lab.Pod, _lab.Router, NatLab.Outside4, ProtocolType.Udp))];
        SwitchOver();
        Assert.That((_takeovers.Single().Flows, _takeovers.Single().Ended), Is.EqualTo((Room, talks.Length - Room)));
        Assert.That(_takeovers.Single().Reason, talks.Length > Room ? Does.StartWith("add a key to map 'dp_flows4': E2BIG") : Is.Null);
        var flows = _lab.Masquerade.ReadFlows().Select(static flow => flow.Peer.Port).ToHashSet();
        foreach (var talk in talks.Where(talk => flows.Contains((ushort)talk.Address.Port)))
            talk.Exchange(isServerFirst: true);
        foreach (var talk in talks)
            talk.Dispose();
    }

    [Test]
    public void A_connection_that_was_reset_does_not_count()
    {
        using (var talk = new Talk(_lab.Pod, _lab.Router, NatLab.Outside4, ProtocolType.Tcp))
        {
            talk.Exchange();
            talk.Caller.LingerState = new(enable: true, seconds: 0);
        }

        using var other = new Talk(_lab.Pod, _lab.Router, NatLab.Outside4, ProtocolType.Tcp); // in order behind the reset
        SwitchOver();
        Assert.That((_takeovers.Single().Flows, _takeovers.Single().Ended), Is.EqualTo((1, 0)));
    }

    [Test]
    public void Nothing_of_the_first_is_left()
    {
        using var udp = new Talk(_lab.Pod, _lab.Router, NatLab.Outside4, ProtocolType.Udp);
        SwitchOver();
        if (first is NatEngine.Ebpf)
        {
            Assert.That(_lab.Node.Run(() => LinuxMasquerade.Uninstall(_lab.Options.BpfRoot)), Is.False);
            return;
        }

        using var tables = _lab.Node.Run(static () => new NftNetlink());
        Assert.That(tables.ListTables(), Is.EqualTo(isTracked ? ["others"] : Array.Empty<string>()));
        using var connections = _lab.Node.Run(static () => new ConntrackNetlink());
        Assert.That(connections.List().Where(static entry => entry.HasOtherSource), Is.Empty);
    }

    [Test]
    public void As_long_as_a_process_has_the_first_it_goes_on_alone_and_is_asked_again()
    {
        using var udp = new Talk(_lab.Pod, _lab.Router, NatLab.Outside4, ProtocolType.Udp);
        var before = _lab.OpenOther(isLeft: false);
        Assert.That(() => _lab.Masquerade.Apply(_rules), Throws.TypeOf<DatapathInUseException>());
        udp.Exchange();
        before.Dispose();
        _lab.Masquerade.Apply(_rules);
        udp.Exchange(isServerFirst: true);
    }

    [Test]
    public void What_a_process_left_in_the_middle_of_it_goes_on_with_either_engine([Values] bool isSame, [Values] bool isIPv4)
    {
        using var tcp = new Talk(_lab.Pod, _lab.Router, isIPv4 ? NatLab.Outside4 : NatLab.Outside6, ProtocolType.Tcp);
        using var udp = new Talk(_lab.Pod, _lab.Router, isIPv4 ? NatLab.Outside4 : NatLab.Outside6, ProtocolType.Udp);
        tcp.Exchange();
        if (first is NatEngine.Ebpf)
        {
            _lab.Masquerade.Dispose();
            using var pinned = PinnedMasquerade.TryOpen(_lab.Options.BpfRoot)!;
            pinned.HoldNewFlows();
            var known = pinned.ReadFlows();
            pinned.HandOver(known, known.Select(HandedFlow.Of).OfType<HandedFlow>());
        }
        else
        {
            _ = _lab.OpenOther();
            using var connections = _lab.Node.Run(static () => new ConntrackNetlink());
            var maps = FlowTables.Maps.ToDictionary(static name => name, _lab.Ebpf.OpenMap);
            foreach (var entry in connections.List().Where(static entry => entry.HasOtherSource))
                Assert.That(FlowTables.Of(maps)[isIPv4 ? 0 : 1].TryAdd(HandedFlow.Of(entry)!));
            foreach (var map in maps.Values)
                map.Dispose();
            if (!isSame)
                _ = _lab.OpenOther();
        }

        if (isSame)
            _lab.Reopen();
        else if (first is NatEngine.Ebpf)
            _ = _lab.OpenOther();
        _lab.Masquerade.Apply(_rules);
        tcp.Exchange(isServerFirst: true);
        udp.Exchange();
        tcp.Exchange(length: 100_000);
    }

    private void SwitchOver()
    {
        _ = _lab.OpenOther();
        switch (_lab.Masquerade)
        {
            case LinuxMasquerade ebpf:
                ebpf.TookOver += (_, takeover) => _takeovers.Enqueue(takeover);
                break;
            case NftablesMasquerade nftables:
                nftables.TookOver += (_, takeover) => _takeovers.Enqueue(takeover);
                break;
            default:
                throw new InvalidOperationException("another engine");
        }

        _lab.Masquerade.Apply(_rules);
    }

    private string[] Translations() =>
        [.. _lab.Masquerade.ReadFlows().Select(static flow => $"{flow.Protocol} {flow.Source} {flow.Translated} {flow.Peer}").Order(StringComparer.Ordinal)];

    /// <summary>A client and a server of datagrams that both send without waiting for each other. The server notes from where.</summary>
    private sealed class DatagramPair : IDisposable
    {
        private readonly Socket _server;
        private readonly Socket _client;
        private readonly byte[] _buffer = new byte[16];

        public DatagramPair(NatLab lab, IPAddress outside)
        {
            _server = lab.Router.Run(() =>
            {
                var socket = new Socket(outside.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
                socket.Bind(new IPEndPoint(outside, 0));
                return socket;
            });
            _client = lab.Pod.Run(() =>
            {
                var socket = new Socket(outside.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
                socket.Connect(_server.LocalEndPoint!);
                return socket;
            });
        }

        /// <summary>Where datagrams came from.</summary>
        public SortedSet<string> Seen { get; } = new(StringComparer.Ordinal);

        private EndPoint? Last { get; set; }

        public void Send()
        {
            _ = _client.Send([1]);
            while (_server.Available > 0)
            {
                EndPoint from = new IPEndPoint(((IPEndPoint)_server.LocalEndPoint!).Address, 0);
                _ = _server.ReceiveFrom(_buffer, ref from);
                _ = Seen.Add(from.ToString()!);
                Last = from;
            }

            for (var i = 0; i < 5 && Last is not null; i++)
                _ = _server.SendTo([2], Last);
            while (_client.Available > 0)
                _ = _client.Receive(_buffer);
        }

        public void Dispose()
        {
            _client.Dispose();
            _server.Dispose();
        }
    }
}
