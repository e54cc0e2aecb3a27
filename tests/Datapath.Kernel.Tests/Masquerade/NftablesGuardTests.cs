using System.Collections.Concurrent;
using System.Net.Sockets;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Masquerade;
using Datapath.Linux.Netlink;

namespace Datapath.Kernel.Tests.Masquerade;

/// <summary>What others do to the table of the nftables engine is undone.</summary>
[LoadTest]
internal sealed class NftablesGuardTests
{
    private const string Table = NftablesMasqueradeOptions.DefaultTable;
    private const uint Dormant = 1; // NFT_TABLE_F_DORMANT
    private const uint Owned = 2; // NFT_TABLE_F_OWNER

    private readonly BlockingCollection<NftablesTableChange> _told = [];
    private NatLab _lab = null!;
    private NftNetlink _others = null!;

    /// <summary>What somebody may do to a table.</summary>
    public enum Attack
    {
        Delete,
        DeleteAndMakeAnother,
        PutToSleep,
        ClearTheEntry,
        AcceptFirst,
        ForgetTheDevices,
        ForgetTheSources,
        TakeTheNameOfACounter,
        MoveTheEntry,
    }

    private NftablesMasquerade Engine => (NftablesMasquerade)_lab.Masquerade;

    [SetUp]
    public void StartLab()
    {
        _lab = new(NatEngine.Nftables);
        _others = _lab.Node.Run(static () => new NftNetlink());
        Engine.TableChanged += (_, change) => _told.Add(change);
    }

    [TearDown]
    public void StopLab()
    {
        _others.Dispose();
        _lab.Dispose();
        while (_told.TryTake(out _))
        {
        }
    }

    [OneTimeTearDown]
    public void DisposeTold() => _told.Dispose();

    [Test]
    public void What_others_do_to_the_table_is_undone_and_told([Values] Attack attack)
    {
        _lab.RouteBack();
        _lab.Masquerade.Apply(NatLab.Rules("198.51.100.2/32"));
        var isTaken = attack is Attack.TakeTheNameOfACounter; // its rules go on, but the next change of them would be refused
        Do(attack);
        var told = Take();
        Assert.That((told.Table, told.IsDeleted, told.Failure), Is.EqualTo((Table, attack is Attack.Delete, (string?)null)));
        Assert.That((told.Program, told.ProcessId), Is.Not.EqualTo(((string?)null, (int?)null)));
        foreach (var (address, expected) in new[] { (NatLab.Outside4, NatLab.Node4), (NatLab.OtherOutside4, NatLab.Pod4), (NatLab.Outside6, NatLab.Node6) })
        {
            using var callee = new Callee(_lab.Router, address, ProtocolType.Udp);
            Assert.That(callee.TakeFrom(_lab.Pod).Address, Is.EqualTo(expected), $"to {address}");
        }

        var warning = Engine.GetStatus().Warnings.Single();
        Assert.That(warning, Does.Contain($"Z: table '{Table}' was {(attack is Attack.Delete ? "deleted" : "changed")} by {told.Program} (process {told.ProcessId}) and is put back; "));
        Assert.That(Engine.FindFaults(), Is.EqualTo(new[] { warning }));
        if (isTaken)
            Assert.That(() => _lab.Masquerade.Apply(NatLab.Rules()), Throws.Nothing);
    }

    [Test]
    public void Before_there_are_rules_the_table_alone_is_put_back()
    {
        Do(Attack.Delete);
        Assert.That(Take().Failure, Is.Null);
        Assert.That(_others.ListTables(), Is.EquivalentTo([Table, $"{Table}_lock"]));
        _lab.Masquerade.Apply(NatLab.Rules());
        AssertTranslated();
    }

    [Test]
    public void Rules_of_an_earlier_process_are_told_to_be_lost_until_there_are_others()
    {
        _lab.Masquerade.Dispose();
        NftablesMasquerade Open() => _lab.Node.Run(static () => NftablesMasquerade.Open(new() { Devices = ["eth0"] }));
        using (var first = Open())
            first.Apply(NatLab.Rules());
        using (var next = Open())
        {
            next.TableChanged += (_, change) => _told.Add(change);
            Do(Attack.Delete);
            Assert.That(Take().ToString(), Does.Contain(" and is not put back yet: its rules were those of an earlier process; they are not known here until rules are applied; "));
            Assert.That(next.GetStatus().Warnings.Single(), Does.Contain("is not put back yet"), "nothing is said of rules in force");
            next.Apply(NatLab.Rules());
            AssertTranslated();
        }

        Remove(Table);
    }

    [Test]
    public void Neither_its_own_changes_nor_those_of_other_tables_are_undone()
    {
        for (var i = 0; i < 5; i++)
        {
            _lab.Masquerade.Apply(NatLab.Rules($"203.0.113.{i}/32"));
            _others.Commit(MakeOther("others"));
            Remove("others");
        }

        var before = _others.ReadGeneration();
        Do(Attack.Delete);
        Assert.That(Take().IsDeleted, Is.True);
        Assert.That(_told.TryTake(out _, TimeSpan.FromMilliseconds(200)), Is.False, "one change was told, that of the table");
        Assert.That(_others.ReadGeneration() - before, Is.EqualTo(3), "the deletion, the rules, the switch: and then it rests");
    }

    [Test]
    public void A_change_that_was_told_too_late_is_found_by_comparing()
    {
        using var mayGoOn = new ManualResetEventSlim();
        _lab.Masquerade.Apply(NatLab.Rules());
        Engine.TableChanged += (_, _) => mayGoOn.Wait();
        Do(Attack.Delete);
        _ = Take(); // its reader stands still now
        Flood();
        Do(Attack.ClearTheEntry);
        Flood();
        mayGoOn.Set();
        var told = Take();
        Assert.That((told.IsDeleted, told.Program), Is.EqualTo((false, (string?)null)), "who it was is lost");
        Assert.That(told.ToString(), Does.StartWith($"table '{Table}' was changed by somebody else and is put back"));
        AssertTranslated();
        Flood();
        Assert.That(_told.TryTake(out _, TimeSpan.FromMilliseconds(200)), Is.False, "of a table that is as it was left nothing is told");
    }

    [Test]
    public void Rules_that_overflow_its_own_watch_make_no_loop()
    {
        string[] kept = [.. Enumerable.Range(0, 20_000).Select(static i => $"10.{i >> 13}.{(i >> 5) & 255}.{(i & 31) << 3}/32")];
        _lab.Masquerade.Apply(NatLab.Rules(kept));
        _lab.Masquerade.Apply(NatLab.Rules(kept));
        var before = _others.ReadGeneration();
        Do(Attack.ForgetTheDevices);
        Assert.That(Take().IsDeleted, Is.False);
        Assert.That(_told.TryTake(out _, TimeSpan.FromMilliseconds(500)), Is.False);
        Assert.That(_others.ReadGeneration() - before, Is.EqualTo(4), "the deletion of the devices, the rules, the switch, the removal of those before");
    }

    [Test]
    public void A_table_that_somebody_owns_is_told_until_it_is_free([Values] bool findsDevices)
    {
        if (findsDevices)
            FindDevices();
        _lab.Masquerade.Apply(NatLab.Rules());
        using var news = new SemaphoreSlim(0);
        using var watch = Engine.WatchForFaults(() => news.Release());
        using (var owner = _lab.Node.Run(static () => new NftNetlink()))
        {
            var batch = new NftBatch(Table);
            batch.DeleteTable();
            SetFlags(batch, Owned);
            owner.Commit(batch);
            var told = Take();
            Assert.That(told.Failure, Does.Contain("EPERM"));
            Assert.That(told.ToString(), Does.Contain(" and is not put back yet: "));
            Assert.That(Engine.GetStatus().Warnings, Has.Some.StartsWith($"others changed table '{Table}', or may have, and it is not put back, which is tried again: "));
            Assert.That(Engine.FindFaults(), Has.Some.Contains("EPERM"));
            Eventually.True(() => Engine.FindOutage() is { } outage && Engine.FindFaults().Contains(outage), "it is an outage");
            Assert.That(news.Wait(TimeSpan.FromSeconds(20)), Is.True, "it is told");
            Assert.That(() => _lab.Masquerade.Apply(NatLab.Rules()), Throws.TypeOf<NetlinkException>().With.Message.Contains("EPERM"));
            if (findsDevices)
            {
                using var node = _lab.Node.OpenRouteNetlink();
                NatLab.Configure(node, node.CreateBridge("node0"), (NatLab.Node4, 32));
                Eventually.True(
                    () => Engine.GetStatus().Warnings.Any(static warning => warning.StartsWith("devices could not be looked at, which is tried again: add elements to set 'devices_0'", StringComparison.Ordinal)),
                    "the set is gone");
            }
        }

        Assert.That(Take().Failure, Is.Null, "its owner is gone, and so is the table");
        AssertTranslated();
        Assert.That(Engine.FindOutage(), Is.Null);
        Eventually.True(() => Engine.GetStatus().Warnings is [var only] && only.Contains(" and is put back; ", StringComparison.Ordinal), "nothing else is amiss");
    }

    [Test]
    public void What_others_did_before_a_look_at_the_devices_is_undone_though_it_is_told_after_it([Values] bool changesThem)
    {
        FindDevices();
        using var mayGoOn = new ManualResetEventSlim();
        _lab.Masquerade.Apply(NatLab.Rules());
        Engine.TableChanged += (_, _) => mayGoOn.Wait();
        Do(Attack.Delete);
        _ = Take(); // its reader stands still now
        Do(Attack.ClearTheEntry);
        var before = _others.ReadGeneration();
        using var node = _lab.Node.OpenRouteNetlink();
        for (var i = 0; i < 20; i++)
            node.DeleteLink(node.CreateBridge("idle0"));
        if (changesThem)
        {
            NatLab.Configure(node, node.CreateBridge("node0"), (NatLab.Node4, 32));
            Eventually.True(() => _others.ReadGeneration() != before, "the device is one of the set");
        }

        mayGoOn.Set();
        Assert.That(Take().Failure, Is.Null);
        AssertTranslated();
    }

    [Test]
    public void A_table_that_another_owner_has_by_now_is_left_to_him_until_he_goes([Values] bool hasRules)
    {
        _lab.Masquerade.Dispose();
        using var mine = _lab.Node.Run(static () => NftablesMasquerade.Open(new() { Devices = ["eth0"], Owner = "mine", Lifetime = DatapathLifetime.Process }));
        mine.TableChanged += (_, change) => _told.Add(change);
        if (hasRules)
            mine.Apply(NatLab.Rules());
        var batch = new NftBatch(Table);
        batch.DeleteTable();
        batch.AddTable("yours");
        _others.Commit(batch);
        Assert.That(Take().Failure, Is.EqualTo($"change table '{Table}': EEXIST (it belongs to 'yours' by now)"));
        Assert.That(() => mine.Apply(NatLab.Rules()), Throws.TypeOf<LinuxException>().With.Message.Contains("it belongs to 'yours' by now"));
        Assert.That(_others.ListChains(Table), Is.Empty, "nothing is added to it");
        Remove(Table);
        Assert.That(Take().Failure, Is.Null);
        mine.Apply(NatLab.Rules());
        Assert.That(mine.FindOutage(), Is.Null);
        AssertTranslated();
    }

    [Test]
    public void Who_undoes_it_each_time_does_not_keep_the_kernel_busy_and_when_he_goes_the_rules_are_in_force()
    {
        _lab.RouteBack();
        _lab.Masquerade.Apply(NatLab.Rules());
        var before = _others.ReadGeneration();
        for (var i = 0; i < 12; i++)
        {
            Remove(Table);
            _ = Take();
        }

        Assert.That(_others.ReadGeneration() - before, Is.LessThan(200));
        Eventually.True(
            () =>
            {
                using var callee = new Callee(_lab.Router, NatLab.Outside4, ProtocolType.Udp);
                return callee.TakeFrom(_lab.Pod).Address.Equals(NatLab.Node4);
            },
            "the rules are in force");
    }

    [Test]
    public void A_reader_that_is_too_late_is_told_so_and_hears_what_comes_then()
    {
        using var watcher = _lab.Node.Run(() => new NftWatcher("watched", _others.ReadPortId()));
        using var stranger = _lab.Node.Run(static () => new NftNetlink());
        Flood();
        Flood();
        var changes = watcher.ReadAllAsync().GetAsyncEnumerator();
        Assert.That(changes.MoveNextAsync().AsTask().Wait(TimeSpan.FromSeconds(20)));
        Assert.That(changes.Current, Is.EqualTo(new NftChange(null, 0, AreLost: true)));
        var next = changes.MoveNextAsync().AsTask();
        _others.Commit(MakeOther("watched"));
        stranger.Commit(MakeOther("other"));
        stranger.Commit(MakeOther("watched", "more"));
        Assert.That(next.Wait(TimeSpan.FromSeconds(20)));
        Assert.That((changes.Current.AreLost, changes.Current.ProcessId > 0, changes.Current.Program is { Length: > 0 }), Is.EqualTo((false, true, true)));
        watcher.Dispose();
        Assert.That(changes.MoveNextAsync().AsTask().Result, Is.False);
    }

    [Test]
    public void An_image_tells_each_change_and_nothing_else()
    {
        _lab.Masquerade.Apply(NatLab.Rules("203.0.113.0/24"));
        var before = _others.ReadImage(Table);
        using (var callee = new Callee(_lab.Router, NatLab.Outside4, ProtocolType.Udp))
            _ = callee.TakeFrom(_lab.Pod);
        _others.Commit(MakeOther("others"));
        Assert.That(_others.ReadImage(Table), Is.EqualTo(before), "neither packets nor other tables matter");
        Assert.That(_others.ReadImage("others"), Is.Not.EqualTo(before));
        Assert.That(() => _others.ReadImage("missing"), Throws.TypeOf<NetlinkException>().With.Message.Contains("ENOENT"));
    }

    // Rather than be told them.
    private void FindDevices()
    {
        _lab.Masquerade.Dispose();
        _lab.Dispose();
        _lab = new(NatEngine.Nftables, static options => options with { Devices = [], NodeAddresses = [NatLab.Node4] });
        _others.Dispose();
        _others = _lab.Node.Run(static () => new NftNetlink());
        Engine.TableChanged += (_, change) => _told.Add(change);
    }

    private static NftBatch MakeOther(string table, string counter = "seen")
    {
        var batch = new NftBatch(table);
        batch.AddTable();
        batch.AddCounter(counter);
        return batch;
    }

    private static void SetFlags(NftBatch batch, uint flags)
    {
        var request = new NetlinkWriter(new byte[512], Nfnl.TypeOf(Nfnl.NFNL_SUBSYS_NFTABLES, Nft.NFT_MSG_NEWTABLE), Nl.NLM_F_CREATE);
        request.Add(new NfGenMsg(Nfnl.NFPROTO_INET));
        request.Add(Nft.NFTA_TABLE_NAME, batch.Table);
        request.AddBigEndian(Nft.NFTA_TABLE_FLAGS, flags);
        batch.End(request, "set the flags of table", "");
    }

    private NftablesTableChange Take()
    {
        Assert.That(_told.TryTake(out var told, TimeSpan.FromSeconds(20)), "a change is told");
        return told!;
    }

    private void AssertTranslated()
    {
        using var callee4 = new Callee(_lab.Router, NatLab.Outside4, ProtocolType.Udp);
        using var callee6 = new Callee(_lab.Router, NatLab.Outside6, ProtocolType.Tcp);
        Assert.That((callee4.TakeFrom(_lab.Pod).Address, callee6.TakeFrom(_lab.Pod).Address), Is.EqualTo((NatLab.Node4, NatLab.Node6)));
    }

    private void Do(Attack attack)
    {
        var rules = new RuleNames(_others.ListSets(Table).Select(RuleNames.GenerationOf).Max() ?? 0);
        var batch = new NftBatch(Table);
        switch (attack)
        {
            case Attack.Delete:
                batch.DeleteTable();
                break;
            case Attack.DeleteAndMakeAnother:
                batch.DeleteTable();
                batch.AddTable();
                break;
            case Attack.PutToSleep:
                SetFlags(batch, Dormant);
                break;
            case Attack.ClearTheEntry:
                batch.ClearChain(RuleNames.Entry);
                break;
            case Attack.AcceptFirst:
                batch.ClearChain(RuleNames.Entry);
                batch.AddRule(RuleNames.Entry, new NftDecide(NftVerdict.Accept));
                break;
            case Attack.ForgetTheDevices:
                Clear(batch, rules.Devices);
                break;
            case Attack.ForgetTheSources:
                Clear(batch, rules.Sources("ipv4"));
                break;
            case Attack.TakeTheNameOfACounter:
                batch.DeleteTable();
                batch.AddTable();
                AddQuota(batch, RuleCounters.Flows);
                break;
            default:
                batch.DeleteTable();
                batch.AddTable();
                batch.AddChain(RuleNames.Entry, new("filter", Nfnl.NF_INET_POST_ROUTING, 0));
                break;
        }

        _others.Commit(batch);
    }

    private static void Clear(NftBatch batch, string set)
    {
        var request = new NetlinkWriter(new byte[1024], Nfnl.TypeOf(Nfnl.NFNL_SUBSYS_NFTABLES, Nft.NFT_MSG_DELSETELEM));
        request.Add(new NfGenMsg(Nfnl.NFPROTO_INET));
        request.Add(Nft.NFTA_SET_ELEM_LIST_TABLE, batch.Table);
        request.Add(Nft.NFTA_SET_ELEM_LIST_SET, set);
        batch.End(request, "delete the elements of set", set);
    }

    private static void AddQuota(NftBatch batch, string name)
    {
        const uint Quota = 2; // NFT_OBJECT_QUOTA
        const ushort QuotaBytes = 1; // NFTA_QUOTA_BYTES
        var request = new NetlinkWriter(new byte[1024], Nfnl.TypeOf(Nfnl.NFNL_SUBSYS_NFTABLES, Nft.NFT_MSG_NEWOBJ), Nl.NLM_F_CREATE);
        request.Add(new NfGenMsg(Nfnl.NFPROTO_INET));
        request.Add(Nft.NFTA_OBJ_TABLE, batch.Table);
        request.Add(Nft.NFTA_OBJ_NAME, name);
        request.AddBigEndian(Nft.NFTA_OBJ_TYPE, Quota);
        var data = request.BeginNested(Nft.NFTA_OBJ_DATA);
        request.AddBigEndian(QuotaBytes, 1ul);
        request.EndNested(data);
        batch.End(request, "add quota", name);
    }

    private void Remove(string table)
    {
        var batch = new NftBatch(table);
        batch.DeleteTable();
        _others.Commit(batch);
    }

    // More notifications than any reader's buffer holds.
    private void Flood()
    {
        for (var i = 0; i < 40; i++)
        {
            var batch = new NftBatch("flood");
            batch.AddTable();
            for (var chain = 0; chain < 500; chain++)
                batch.AddChain($"chain_{i}_{chain}");
            _others.Commit(batch);
        }

        Remove("flood");
    }
}
