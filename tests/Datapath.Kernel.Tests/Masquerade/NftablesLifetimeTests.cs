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
