using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Datapath.Kernel.Tests.Lab;
using Datapath.Kernel.Tests.Victim;
using Datapath.Linux;
using Datapath.Linux.Masquerade;
using Datapath.Linux.Netlink;

namespace Datapath.Kernel.Tests.Masquerade;

/// <summary>The table of the nftables engine: what is in it, what stays, what goes.</summary>
[LoadTest]
internal sealed class NftablesTests
{
    private const string Table = NftablesMasqueradeOptions.DefaultTable;
    private NatLab _lab = null!;
    private NftNetlink _tables = null!;

    [SetUp]
    public void StartLab()
    {
        _lab = new(NatEngine.Nftables);
        _tables = _lab.Node.Run(static () => new NftNetlink());
    }

    [TearDown]
    public void StopLab()
    {
        _tables.Dispose();
        _lab.Dispose();
    }

    [Test]
    public void Its_table_goes_without_trace()
    {
        _lab.Masquerade.Apply(NatLab.Rules());
        Assert.That(_tables.ListTables(), Is.EquivalentTo([Table, $"{Table}_lock"]));
        _lab.Masquerade.Dispose();
        Assert.That(_tables.ListTables(), Is.Empty);
        Assert.That(_tables.ListChains(Table), Is.Empty);
        Assert.That(_tables.ListSets(Table), Is.Empty);
    }

    [Test]
    public void Flows_go_on_when_no_rule_translates_any_more([Values(ProtocolType.Tcp, ProtocolType.Udp)] ProtocolType protocol, [Values] bool isIPv4)
    {
        _lab.Masquerade.Apply(NatLab.Rules());
        using var talk = new Talk(_lab.Pod, _lab.Router, isIPv4 ? NatLab.Outside4 : NatLab.Outside6, protocol);
        talk.Exchange();
        _lab.Masquerade.Apply(MasqueradeState.Off);
        _lab.Masquerade.Apply(MasqueradeState.Off); // what was there before the first is gone by now
        talk.Exchange();
        talk.Exchange(isServerFirst: true);
        Assert.That(talk.Client.Address, Is.EqualTo(isIPv4 ? NatLab.Node4 : NatLab.Node6));
    }

    [Test]
    public void The_table_of_another_at_the_same_hook_is_left_alone_and_flows_go_on_for_it()
    {
        const string Other = "others";
        var batch = new NftBatch(Other);
        batch.AddTable();
        batch.AddCounter("seen");
        batch.AddChain("post", new("nat", Nfnl.NF_INET_POST_ROUTING, 100));
        batch.AddRule("post", new NftCount("seen"));
        batch.AddRule(
            "post", new NftMeta(Nft.NFT_META_OIFNAME, new(0)), new NftEqual(new(0), new byte[16]), new NftValue(new byte[] { 4, 0 }, new(4)),
            new NftMasquerade(new(new(4), new(4), AreRandom: false))); // of no packet: all devices have names
        _tables.Commit(batch);
        _lab.Masquerade.Apply(NatLab.Rules());
        _lab.Masquerade.Apply(NatLab.Rules());
        using var callee = new Callee(_lab.Router, NatLab.Outside4, ProtocolType.Udp);
        _ = callee.TakeFrom(_lab.Node);
        using var client = callee.Connect(_lab.Pod);
        var seen = callee.Exchange(client);
        Assert.That(seen.Address, Is.EqualTo(NatLab.Node4));

        _lab.Masquerade.Dispose();
        Assert.That(_tables.ListTables(), Is.EqualTo([Other]));
        Assert.That(_tables.ListChains(Other), Is.EqualTo(["post"]));
        Assert.That(_tables.ReadCounters(Other), Is.EqualTo(new Dictionary<string, long> { ["seen"] = 1 }), "what we translate is not asked about there");
        Assert.That(callee.Exchange(client), Is.EqualTo(seen), "somebody else still translates");
    }

    [Test]
    public void A_change_leaves_nothing_of_the_rules_before()
    {
        _lab.Masquerade.Apply(NatLab.Rules());
        var (chains, sets) = (_tables.ListChains(Table).Count, _tables.ListSets(Table).Count);
        for (var i = 0; i < 3; i++)
            _lab.Masquerade.Apply(NatLab.Rules());
        Assert.That((_tables.ListChains(Table).Count, _tables.ListSets(Table).Count), Is.EqualTo((chains, sets)));
    }

    [Test]
    public void What_the_kernel_refuses_changes_nothing_and_is_named()
    {
        _lab.Masquerade.Apply(NatLab.Rules());
        var batch = new NftBatch(Table);
        batch.ClearChain("postrouting");
        batch.AddChain("more");
        batch.AddRule("missing", new NftDecide(NftVerdict.Accept));
        batch.AddRule("more", new NftContains(new(0), "nowhere"));
        var refusal = Assert.Throws<NetlinkException>(() => _tables.Commit(batch))!;
        Assert.That(refusal.Errno, Is.EqualTo(Errno.ENOENT));
        Assert.That(refusal.Message, Does.StartWith($"add a rule to chain 'missing' of table '{Table}': ENOENT"));
        Assert.That(_tables.ListChains(Table), Has.None.EqualTo("more"));
        using var callee = new Callee(_lab.Router, NatLab.Outside4, ProtocolType.Udp);
        Assert.That(callee.TakeFrom(_lab.Pod).Address, Is.EqualTo(NatLab.Node4));
    }

    [Test]
    public void A_refused_change_of_the_rules_leaves_those_before_in_force()
    {
        _lab.Masquerade.Apply(NatLab.Rules());
        LimitedThread.RunWithout(LinuxCapabilities.NetAdmin, () =>
            Assert.That(() => _lab.Masquerade.Apply(NatLab.Rules("198.51.100.0/24")), Throws.TypeOf<NetlinkException>().With.Message.Contains("EPERM")));
        using var callee = new Callee(_lab.Router, NatLab.Outside4, ProtocolType.Udp);
        Assert.That(callee.TakeFrom(_lab.Pod).Address, Is.EqualTo(NatLab.Node4));
    }

    [Test]
    public void Flows_are_counted_by_the_rule_that_decided_and_changes_do_not_matter()
    {
        _lab.RouteBack();
        _lab.Masquerade.Apply(NatLab.Rules());
        using var callee = new Callee(_lab.Router, NatLab.Outside4, ProtocolType.Udp);
        _ = callee.TakeFrom(_lab.Pod, 3000);
        _ = callee.TakeFrom(_lab.Pod, 3001);
        _ = callee.TakeFrom(_lab.Node, 3002);
        _lab.Masquerade.Apply(NatLab.Rules("198.51.100.0/24"));
        _ = callee.TakeFrom(_lab.Pod, 3003);
        var counted = _lab.Masquerade.ReadCounters().Where(static counter => counter.Value > 0);
        Assert.That(counted, Is.EquivalentTo(new Dictionary<string, long> { ["Flows"] = 2, ["Source"] = 2, ["NonMasquerade"] = 1, ["NatAddress"] = 1 }));
    }

    [Test]
    public void Ten_thousand_prefixes_are_applied_and_tell_apart()
    {
        // Of each range of 198.51.0.0/16 the even addresses are kept, and of each of 2001:db8:99::/48.
        string[] kept =
        [
            .. Enumerable.Range(0, 5000).Select(static i => $"198.51.{100 + (i >> 7)}.{(i & 127) << 1}/32"),
            .. Enumerable.Range(0, 5000).Select(static i => $"2001:db8:99::{i << 1:x}/128"),
        ];
        _lab.RouteBack();
        _lab.Masquerade.Apply(NatLab.Rules(kept));
        foreach (var (address, expected) in new[] { (NatLab.Outside4, NatLab.Node4), (NatLab.OtherOutside4, NatLab.Pod4), (NatLab.Outside6, NatLab.Node6) })
        {
            using var callee = new Callee(_lab.Router, address, ProtocolType.Udp);
            Assert.That(callee.TakeFrom(_lab.Pod).Address, Is.EqualTo(expected), $"to {address}");
        }
    }

    [Test]
    public void The_largest_table_of_verdicts_is_applied()
    {
        // All classes lead to one verdict but those of the pod and of one place, which come last.
        var (keep, translate) = (new MasqueradeVerdict(MasqueradeAction.Keep, MasqueradeReason.NoSource), new MasqueradeVerdict(MasqueradeAction.Translate, MasqueradeReason.Source));
        const int Most = MasqueradeState.MostClasses;
        _lab.RouteBack();
        _lab.Masquerade.Apply(new(
            new()
            {
                Classes = [.. Enumerable.Repeat(new MasqueradeSourceClass(MasqueradeSourceFacts.Forwarded), Most)],
                Prefixes = [new(IPNetwork.Parse("10.98.0.0/24"), Most - 1)],
                HostClass = 0,
                ForwardedClass = 0,
            },
            new() { Classes = [.. Enumerable.Repeat(MasqueradeDestinationFacts.None, Most)], Prefixes = [new(new(NatLab.Outside4, 32), Most - 1)] },
            [new("", MasqueradeAddressSource.Device)],
            [.. Enumerable.Repeat(keep, (Most * Most) - 1), translate]));
        foreach (var (address, expected) in new[] { (NatLab.Outside4, NatLab.Node4), (NatLab.OtherOutside4, NatLab.Pod4) })
        {
            using var callee = new Callee(_lab.Router, address, ProtocolType.Udp);
            Assert.That(callee.TakeFrom(_lab.Pod).Address, Is.EqualTo(expected), $"to {address}");
        }
    }

    [Test]
    public void No_packet_sees_rules_half_changed()
    {
        const int Count = 8_000;
        using var callee = new Callee(_lab.Router, NatLab.Outside4, ProtocolType.Udp);
        _lab.Masquerade.Apply(NatLab.Rules());
        using var stop = new CancellationTokenSource();
        var changes = Task.Run(() =>
        {
            // Not one of them keeps the packets.
            var count = 0;
            for (; !stop.IsCancellationRequested; count++)
                _lab.Masquerade.Apply(count % 2 == 0 ? NatLab.Rules("203.0.113.0/24") : NatLab.Rules());
            return count;
        });
        var seen = new HashSet<IPAddress>();
        for (var i = 0; i < Count; i++)
            _ = seen.Add(callee.See(_lab.Pod).Address);
        stop.Cancel();
        Assert.That(changes.Result, Is.GreaterThan(10));
        Assert.That(seen, Is.EqualTo([NatLab.Node4]));
    }

    [Test]
    public void A_device_that_comes_later_counts_at_once_if_a_pattern_means_it()
    {
        _lab.Masquerade.Dispose();
        using var masquerade = _lab.Node.Run(static () => NftablesMasquerade.Open(new() { Devices = ["up+", "eth"], Lifetime = DatapathLifetime.Process }));
        masquerade.Apply(NatLab.Rules());
        _lab.RouteBack();
        using var callee = new Callee(_lab.Router, NatLab.Outside4, ProtocolType.Udp);
        Assert.That(callee.TakeFrom(_lab.Pod).Address, Is.EqualTo(NatLab.Pod4), "eth0 is not meant");
        Assert.That(masquerade.Devices, Is.Empty);
        using (var node = _lab.Node.OpenRouteNetlink())
            node.RenameLink(node.GetLink("eth0").Index, "uplink");
        Assert.That(callee.TakeFrom(_lab.Pod).Address, Is.EqualTo(NatLab.Node4));
        Assert.That(masquerade.Devices.Single(), Is.EqualTo(new MasqueradeDevice("uplink", masquerade.Devices.Single().Index, NatLab.Node4, NatLab.Node6)));
    }

    [Test]
    public void No_packet_by_a_device_that_stays_leaves_as_it_is_while_others_come_and_go()
    {
        const int Count = 4_000;
        _lab.Masquerade.Dispose();
        using (var masquerade = _lab.Node.Run(static () => NftablesMasquerade.Open(new()))) // whose table stays, and which would undo what is done here
            masquerade.Apply(NatLab.Rules());
        var rules = new RuleNames(_tables.ListSets(Table).Max(RuleNames.GenerationOf)!.Value);
        using var callee = new Callee(_lab.Router, NatLab.Outside4, ProtocolType.Udp);
        using var stop = new CancellationTokenSource();
        var changes = Task.Run(() =>
        {
            var count = 0;
            for (; !stop.IsCancellationRequested || count % 2 == 1; count++)
                _tables.Commit(count % 2 == 0 ? RuleCompiler.ChangeDevices(Table, rules, [], ["other0", "eth+"]) : RuleCompiler.ChangeDevices(Table, rules, ["other0", "eth+"], []));
            return count;
        });
        var seen = new HashSet<IPAddress>();
        for (var i = 0; i < Count; i++)
            _ = seen.Add(callee.See(_lab.Pod).Address);
        stop.Cancel();
        Assert.That(changes.Result, Is.GreaterThan(10));
        Assert.That(seen, Is.EqualTo([NatLab.Node4]));
    }

    [Test]
    public void The_table_of_a_process_that_was_killed_goes_on_until_it_is_taken_over_or_removed([Values] bool isTakenOver)
    {
        _lab.Masquerade.Dispose();
        using (var victim = _lab.Node.Run(static () => Process.Start(DotnetHost.Prepare(typeof(NftablesVictim).Assembly.Location, [NftablesVictim.Name, "eth0", "10.98.0.0/24"])))!)
        {
            Assert.That(victim.StandardOutput.ReadLine(), Is.EqualTo("ready"), () => victim.StandardError.ReadToEnd());
            victim.Kill();
            victim.WaitForExit();
        }

        _lab.RouteBack();
        using var callee = new Callee(_lab.Router, NatLab.Outside4, ProtocolType.Udp);
        Assert.That(callee.TakeFrom(_lab.Pod, 3000).Address, Is.EqualTo(NatLab.Node4));
        if (isTakenOver)
        {
            using var next = _lab.Node.Run(static () => NftablesMasquerade.Open(new() { Devices = ["eth0"], Lifetime = DatapathLifetime.Process }));
            Assert.That(callee.TakeFrom(_lab.Pod, 3001).Address, Is.EqualTo(NatLab.Node4), "the rules of the dead are in force");
            next.Apply(NatLab.Rules("198.51.100.0/24"));
            Assert.That(callee.TakeFrom(_lab.Pod, 3002).Address, Is.EqualTo(NatLab.Pod4));
            Assert.That(next.ReadCounters()["Flows"], Is.EqualTo(2));
        }
        else
        {
            Assert.That(_lab.Node.Run(static () => NftablesMasquerade.Uninstall()), Is.True);
            Assert.That(_lab.Node.Run(static () => NftablesMasquerade.Uninstall()), Is.False);
            Assert.That(callee.TakeFrom(_lab.Pod, 3001).Address, Is.EqualTo(NatLab.Pod4));
        }

        Assert.That(_tables.ListTables(), Is.Empty);
    }

    [Test]
    public void The_age_of_a_flow_is_known_where_the_kernel_notes_it()
    {
        _lab.Masquerade.Apply(NatLab.Rules());
        using var callee = new Callee(_lab.Router, NatLab.Outside4, ProtocolType.Udp);
        _ = callee.TakeFrom(_lab.Pod, 3000);
        Assert.That(_lab.Masquerade.ReadFlows().Single().Age, Is.Null);
        _lab.Node.Run(static () => File.WriteAllText("/proc/sys/net/netfilter/nf_conntrack_timestamp", "1"));
        _ = callee.TakeFrom(_lab.Pod, 3001);
        var flow = _lab.Masquerade.ReadFlows().Single(static flow => flow.Source.Port == 3001);
        Assert.That(flow.Age, Is.GreaterThan(TimeSpan.Zero));
        Assert.That(flow.Idle, Is.GreaterThanOrEqualTo(TimeSpan.Zero));
    }

    [Test]
    public void Of_several_addresses_a_source_always_gets_the_same([Values] bool isIPv4)
    {
        IPAddress[] addresses = [.. Enumerable.Range(10, 5).Select(i => IPAddress.Parse(isIPv4 ? $"192.168.98.{i}" : $"fd99::{i}"))];
        using (var node = _lab.Node.OpenRouteNetlink())
        {
            foreach (var address in addresses)
                node.AddAddress(node.GetLink("eth0").Index, address, isIPv4 ? 32 : 128);
        }

        var rules = NatLab.Rules();
        _lab.Masquerade.Apply(new(rules.Sources, rules.Destinations, [new("many", MasqueradeAddressSource.Fixed) { Addresses = [.. addresses] }], rules.Verdicts));
        using var callee = new Callee(_lab.Router, isIPv4 ? NatLab.Outside4 : NatLab.Outside6, ProtocolType.Udp);
        var seen = Enumerable.Range(3000, 5).Select(port => callee.TakeFrom(_lab.Pod, port).Address).Distinct().ToArray();
        Assert.That(seen, Has.Length.EqualTo(1));
        Assert.That(addresses, Does.Contain(seen[0]));
    }

    [Test]
    public void Protocols_without_ports_get_the_nodes_address()
    {
        _lab.Masquerade.Apply(NatLab.Rules());
        using var callee = _lab.Router.Run(static () => new Socket(AddressFamily.InterNetwork, SocketType.Raw, ProtocolType.Igmp) { ReceiveTimeout = 5000 });
        callee.Bind(new IPEndPoint(IPAddress.Any, 0));
        using var caller = _lab.Pod.Run(static () => new Socket(AddressFamily.InterNetwork, SocketType.Raw, ProtocolType.Igmp));
        _ = caller.SendTo(new byte[16], new IPEndPoint(NatLab.Outside4, 0));
        EndPoint from = new IPEndPoint(IPAddress.Any, 0);
        _ = callee.ReceiveFrom(new byte[64], ref from);
        Assert.That(((IPEndPoint)from).Address, Is.EqualTo(NatLab.Node4));
    }

    [Test]
    public void What_the_node_sends_from_any_address_of_the_device_keeps_it()
    {
        var second = IPAddress.Parse("192.168.98.7");
        using (var node = _lab.Node.OpenRouteNetlink())
            node.AddAddress(node.GetLink("eth0").Index, second, 24);
        var rules = NatLab.Rules();
        var sources = rules.Sources with { Prefixes = rules.Sources.Prefixes.Add(new(IPNetwork.Parse("192.168.98.0/24"), 2)) };
        _lab.Masquerade.Apply(new(sources, rules.Destinations, rules.AddressChoices, rules.Verdicts));
        using var callee = new Callee(_lab.Router, NatLab.Outside4, ProtocolType.Udp);
        using var socket = _lab.Node.Run(static () => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        socket.Bind(new IPEndPoint(second, 0));
        socket.Connect(callee.Address);
        Assert.That(callee.Exchange(socket).Address, Is.EqualTo(second));
    }

    [Test]
    public void A_table_of_its_own_takes_a_few_lines()
    {
        var compilation = (State: NatLab.Rules(), 0);
        var lines = new List<string>();
        _lab.Masquerade.Dispose();
        using var callee = new Callee(_lab.Router, NatLab.Outside4, ProtocolType.Udp);
        _lab.Node.Run(() => Masquerade(() => callee.TakeFrom(_lab.Pod, 3000), lines.Add));
        Assert.That(lines, Does.Contain("Source: 1"));

        void Masquerade(Action send, Action<string> report)
        {
            using var masquerade = NftablesMasquerade.Open(new() { Devices = ["eth0", "wan+"], RandomPorts = true, Lifetime = DatapathLifetime.Process });
            masquerade.Apply(compilation.State);
            send();
            foreach (var (rule, flows) in masquerade.ReadCounters())
                report($"{rule}: {flows}");
        }
    }

    [Test]
    public void To_take_the_place_of_the_other_engine_takes_a_few_lines()
    {
        var compilation = (State: NatLab.Rules(), 0);
        var lines = new List<string>();
        using var lab = NatLab.Pinned();
        lab.Masquerade.Apply(NatLab.Rules());
        using var udp = new Talk(lab.Pod, lab.Router, NatLab.Outside4, ProtocolType.Udp);
        lab.Masquerade.Dispose();
        lab.Node.Run(() => Masquerade(lab.Options.BpfRoot, lines.Add));
        Assert.That(lines, Is.EqualTo(["1 flows go on, 0 begin anew"]));

        void Masquerade(string bpfRoot, Action<string> report)
        {
            using var masquerade = NftablesMasquerade.Open(new() { Devices = ["eth0"], PreviousBpfRoot = bpfRoot });
            masquerade.TookOver += (_, takeover) => report($"{takeover.Flows} flows go on, {takeover.Ended} begin anew");
            masquerade.Apply(compilation.State);
        }
    }

    [TestCase("", "empty")]
    [TestCase("9nat", "'9nat'")]
    [TestCase("a-b", "'a-b'")]
    public void A_table_that_cannot_be_named_is_refused(string table, string said)
    {
        Assert.That(() => NftablesMasquerade.Open(new() { Devices = ["eth0"], Table = table }), Throws.ArgumentException.With.Message.Contains(said));
        Assert.That(() => NftablesMasquerade.Uninstall(table), Throws.ArgumentException.With.Message.Contains(said));
    }

    [Test]
    public void Options_without_sense_are_refused()
    {
        Assert.That(() => NftablesMasquerade.Open(new() { Devices = ["eth0"], FirstPort = 10, LastPort = 9 }), Throws.TypeOf<ArgumentOutOfRangeException>());
    }
}
