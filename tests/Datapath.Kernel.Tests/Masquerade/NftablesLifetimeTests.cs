using System.Net;
using System.Net.Sockets;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Netlink;

namespace Datapath.Kernel.Tests.Masquerade;

/// <summary>How long the table of the nftables engine lives, and whose it is.</summary>
[LoadTest]
internal sealed class NftablesLifetimeTests
{
    private const string Table = NftablesMasqueradeOptions.DefaultTable;
    private static readonly NftablesMasqueradeOptions s_pinned = new() { Devices = ["eth0"] };

    private NatLab _lab = null!;
    private NftNetlink _tables = null!;

    [SetUp]
    public void StartLab()
    {
        _lab = new(NatEngine.Nftables);
        _lab.Masquerade.Dispose();
        _tables = _lab.Node.Run(static () => new NftNetlink());
    }

    [TearDown]
    public void StopLab()
    {
        _tables.Dispose();
        _lab.Dispose();
    }

    private NftablesMasquerade Open(NftablesMasqueradeOptions options) => _lab.Node.Run(() => NftablesMasquerade.Open(options));

    [Test]
    public void Connections_go_on_and_new_ones_are_translated_while_a_pinned_engine_stops_and_the_next_starts([Values] bool isIPv4)
    {
        var outside = isIPv4 ? NatLab.Outside4 : NatLab.Outside6;
        var node = isIPv4 ? NatLab.Node4 : NatLab.Node6;
        _lab.RouteBack(); // what is not translated would get its answer
        Talk tcp, udp;
        using (var first = Open(s_pinned))
        {
            first.Apply(NatLab.Rules());
            (tcp, udp) = (new(_lab.Pod, _lab.Router, outside, ProtocolType.Tcp), new(_lab.Pod, _lab.Router, outside, ProtocolType.Udp));
            Go();
        }

        using (tcp)
        using (udp)
        {
            Go();
            AssertNew("without a process");
            using (var next = Open(s_pinned))
            {
                Go();
                AssertNew("before its first rules");
                Assert.That(next.GetStatus().Warnings.Single(), Does.StartWith("the rules of an earlier process are in force"));
                next.Apply(NatLab.Rules("203.0.113.0/24"));
                Go();
                AssertNew("by its own rules");
                Assert.That(next.GetStatus().Warnings, Is.Empty);
                Assert.That(next.ReadCounters()["Flows"], Is.EqualTo(5), "counts go on");
            }

            Go();
            Assert.That((tcp.Client.Address, udp.Client.Address), Is.EqualTo((node, node)));
        }

        Assert.That(_lab.Node.Run(static () => NftablesMasquerade.Uninstall()), Is.True);
        Assert.That(_tables.ListTables(), Is.Empty);

        void Go()
        {
            tcp.Exchange();
            udp.Exchange();
            tcp.Exchange(isServerFirst: true);
        }

        void AssertNew(string when)
        {
            using var callee = new Callee(_lab.Router, outside, ProtocolType.Udp);
            Assert.That(callee.TakeFrom(_lab.Pod).Address, Is.EqualTo(node), when);
        }
    }

    [Test]
    public void With_the_lifetime_of_the_process_the_table_goes_also_if_it_was_there_before()
    {
        Open(s_pinned).Dispose();
        Assert.That(_tables.ListTables(), Is.EqualTo([Table]));
        Open(s_pinned with { Lifetime = DatapathLifetime.Process }).Dispose();
        Assert.That(_tables.ListTables(), Is.Empty);
    }

    [Test]
    public void A_table_belongs_to_its_owner_and_nobody_else_takes_or_removes_it()
    {
        var mine = s_pinned with { Owner = "/sys/fs/bpf/mine-masquerade" };
        Open(mine).Dispose();
        Assert.That(_tables.ReadComment(Table), Is.EqualTo(mine.Owner));
        Assert.That(
            () => Open(s_pinned with { Owner = "/sys/fs/bpf/yours" }),
            Throws.TypeOf<IncompatibleStateException>().With.Message.EqualTo($"table '{Table}' belongs to '{mine.Owner}'; uninstall that, or choose another Table"));
        Assert.That(Uninstall("/sys/fs/bpf/yours"), Is.False);
        Assert.That(_tables.ListTables(), Is.EqualTo([Table]));
        Open(mine).Dispose();
        Assert.That(Uninstall(mine.Owner), Is.True);
        Assert.That(_tables.ListTables(), Is.Empty);
    }

    [Test]
    public void A_table_that_tells_no_owner_is_anybodys()
    {
        Open(s_pinned).Dispose();
        Assert.That(_tables.ReadComment(Table), Is.Null);
        Open(s_pinned with { Owner = "/sys/fs/bpf/mine" }).Dispose();
        Assert.That(Uninstall("/sys/fs/bpf/mine"), Is.True);
    }

    [Test]
    public void Who_gives_no_owner_takes_and_removes_anybodys()
    {
        Open(s_pinned with { Owner = "/sys/fs/bpf/mine" }).Dispose();
        Open(s_pinned).Dispose();
        Assert.That(Uninstall(null), Is.True);
    }

    [Test]
    public void A_second_engine_with_the_table_is_refused_and_told_who_is_first([Values("/sys/fs/bpf/mine", null)] string? owner)
    {
        using (var first = Open(s_pinned with { Owner = owner }))
        {
            first.Apply(NatLab.Rules());
            var refused = Assert.Throws<DatapathInUseException>(() => Open(s_pinned with { Owner = owner }));
            Assert.That((refused!.OwnerPid, refused.Place), Is.EqualTo(((uint)Environment.ProcessId, Table)));
            Assert.That(refused.Message, Is.EqualTo($"process {Environment.ProcessId} already manages table '{Table}' of nf_tables in this network namespace; stop it first"));
            Assert.That(() => Uninstall(owner), Throws.TypeOf<DatapathInUseException>());
            using (Open(s_pinned with { Table = "another" }))
                Assert.That(_tables.ListTables(), Is.EquivalentTo([Table, $"{Table}_lock", "another", "another_lock"]));
            using (_lab.Router.Run(() => NftablesMasquerade.Open(s_pinned with { Owner = owner })))
                first.Apply(NatLab.Rules("203.0.113.0/24"));
        }

        Open(s_pinned with { Owner = owner }).Dispose();
        Assert.That(Uninstall(owner), Is.True);
    }

    [Test]
    public void What_others_flush_leaves_the_lock()
    {
        using var first = Open(s_pinned);
        var batch = new NftBatch($"{Table}_lock");
        batch.DeleteTable();
        Assert.That(() => _tables.Commit(batch), Throws.TypeOf<NetlinkException>().With.Property(nameof(NetlinkException.Errno)).EqualTo(Errno.EPERM));
        Assert.That(() => Open(s_pinned), Throws.TypeOf<DatapathInUseException>());
    }

    [TestCase("a_lock", "must not end in _lock")]
    [TestCase("1", "the first a letter, at most 250")]
    [TestCase(251, "the first a letter, at most 250")]
    public void A_table_that_cannot_be_locked_is_refused(object table, string reason) => Assert.That(
        () => Open(s_pinned with { Table = table is int length ? new('x', length) : (string)table }), Throws.ArgumentException.With.Message.Contains(reason));

    [Test]
    public void The_longest_table_is_locked()
    {
        using var first = Open(s_pinned with { Table = new('x', 250), Lifetime = DatapathLifetime.Process });
        Assert.That(() => Open(s_pinned with { Table = new('x', 250) }), Throws.TypeOf<DatapathInUseException>());
    }

    [TestCase("")]
    [TestCase("a\0b")]
    [TestCase(128)]
    public void An_owner_that_cannot_be_kept_is_refused(object owner)
    {
        var name = owner is int length ? new string('x', length) : (string)owner;
        Assert.That(() => NftablesMasquerade.Open(s_pinned with { Owner = name }), Throws.ArgumentException.With.Message.Contains("must have 1 to 127 bytes of UTF-8"));
        Assert.That(() => NftablesMasquerade.Uninstall(Table, name), Throws.ArgumentException.With.Message.Contains($"Owner: '{name}'"));
    }

    [Test]
    public void The_longest_owner_is_kept()
    {
        var owner = new string('x', 127);
        Open(s_pinned with { Owner = owner }).Dispose();
        Assert.That(_tables.ReadComment(Table), Is.EqualTo(owner));
        Assert.That(Uninstall(owner), Is.True);
    }

    [Test]
    public void A_route_past_the_devices_is_warned_about()
    {
        using var masquerade = Open(s_pinned with { Lifetime = DatapathLifetime.Process });
        masquerade.Apply(NatLab.Rules());
        Assert.That(masquerade.GetStatus().Warnings, Is.Empty);
        using (var node = _lab.Node.OpenRouteNetlink())
            NatLab.Configure(node, node.CreateBridge("side0"), (IPAddress.Parse("10.55.0.1"), 16), (IPAddress.Parse("fd55::1"), 64));
        Assert.That(
            masquerade.GetStatus().Warnings.Single(),
            Is.EqualTo("device 'side0' is not covered, but routes lead by it to 10.55.0.0/16, fd55::/64: packets that the rules translate leave there as they are"));
    }

    private bool Uninstall(string? owner) => _lab.Node.Run(() => NftablesMasquerade.Uninstall(Table, owner));
}
