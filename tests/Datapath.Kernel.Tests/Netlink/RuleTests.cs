using System.Net;
using System.Net.Sockets;
using Datapath.Linux;
using Datapath.Linux.Netlink;

namespace Datapath.Kernel.Tests.Netlink;

public class RuleTests
{
    private NetlinkLab _lab = null!;

    private static IEnumerable<NetworkRule> Rules =>
    [
        new(AddressFamily.InterNetwork) { Priority = 100, Table = 1000 },
        new(AddressFamily.InterNetworkV6) { Priority = 100, Table = 1000 },
        new(AddressFamily.InterNetwork) { Priority = 101, Table = 20, From = IPNetwork.Parse("10.0.0.0/8"), To = IPNetwork.Parse("192.0.2.128/25") },
        new(AddressFamily.InterNetworkV6) { Priority = 101, Table = 20, From = IPNetwork.Parse("2001:db8::/32"), To = IPNetwork.Parse("fd00::/8") },
        new(AddressFamily.InterNetwork) { Priority = 102, Table = 20, Mark = 0x200, MarkMask = 0xf00, InputInterface = "eth0", OutputInterface = "not-there" },
        new(AddressFamily.InterNetworkV6) { Priority = 103, Table = 20, Mark = 0, MarkMask = 0xffff_ffff, IsInverted = true, Protocol = 200 },
        new(AddressFamily.InterNetwork) { Priority = 104, Table = NetworkRoute.MainTable, SuppressedPrefixLength = 0 },
        new(AddressFamily.InterNetworkV6) { Priority = 105, Action = NetworkRuleAction.Unreachable, Table = 0 },
        new(AddressFamily.InterNetwork) { Priority = 106, Action = NetworkRuleAction.Blackhole, Table = 0, InputInterface = "lo" },
        new(AddressFamily.InterNetwork) { Priority = 4_000_000_000, Table = 4_100_000_000 },
        new(AddressFamily.InterNetwork) { Priority = 107, Table = NetworkRoute.MainTable, From = new(IPAddress.Parse("10.0.0.1"), 24), To = new(IPAddress.Parse("192.0.2.200"), 25) },
        new(AddressFamily.InterNetworkV6) { Priority = 107, Table = NetworkRoute.MainTable, From = new(IPAddress.Parse("2001:db8::1"), 32), To = new(IPAddress.Parse("fd00::1"), 8) },
        new(AddressFamily.InterNetwork) { Priority = 108, Table = NetworkRoute.MainTable, UserIds = new(1000, 1999) },
        new(AddressFamily.InterNetworkV6) { Priority = 108, Table = NetworkRoute.MainTable, UserIds = new(0, 0) },
        new(AddressFamily.InterNetwork) { Priority = 109, Table = NetworkRoute.MainTable, IpProtocol = 17, SourcePorts = new(1, 1023), DestinationPorts = new(53, 53) },
        new(AddressFamily.InterNetworkV6) { Priority = 109, Table = NetworkRoute.MainTable, IpProtocol = 6, DestinationPorts = new(8000, 8999) },
    ];

    [SetUp]
    public void MakeLab() => _lab = new();

    [TearDown]
    public void DropLab() => _lab.Dispose();

    [TestCaseSource(nameof(Rules))]
    public void A_rule_is_listed_as_it_was_added_and_can_be_deleted(NetworkRule rule)
    {
        _lab.LeftRoute.AddRule(rule);
        Assert.That(_lab.LeftRoute.ListRules(), Does.Contain(rule));
        Assert.That(() => _lab.LeftRoute.AddRule(rule), Throws.TypeOf<NetlinkException>().With.Property(nameof(LinuxException.Errno)).EqualTo(Errno.EEXIST));
        _lab.LeftRoute.DeleteRule(_lab.LeftRoute.ListRules().Single(listed => listed == rule));
        Assert.That(_lab.LeftRoute.ListRules(), Does.Not.Contain(rule));
        Assert.That(() => _lab.LeftRoute.DeleteRule(rule), Throws.TypeOf<NetlinkException>().With.Property(nameof(LinuxException.Errno)).EqualTo(Errno.ENOENT));
    }

    [Test]
    public void The_kernel_begins_with_its_own_rules_of_both_families()
    {
        var rules = _lab.LeftRoute.ListRules().Select(static rule => (rule.Family, rule.Priority, rule.Table));
        Assert.That(rules, Is.EqualTo(new (AddressFamily, uint?, uint?)[]
        {
            (AddressFamily.InterNetwork, 0, NetworkRoute.LocalTable),
            (AddressFamily.InterNetwork, 32766, NetworkRoute.MainTable),
            (AddressFamily.InterNetwork, 32767, 253),
            (AddressFamily.InterNetworkV6, 0, NetworkRoute.LocalTable),
            (AddressFamily.InterNetworkV6, 32766, NetworkRoute.MainTable),
        }));
    }

    [TestCase("198.51.100.7", "192.0.2.2")]
    [TestCase("2001:db8:7::7", "2001:db8::2")]
    public void A_marked_packet_takes_the_table_of_its_rule(string destination, string gateway)
    {
        var address = IPAddress.Parse(destination);
        var network = new IPNetwork(address, address.AddressFamily is AddressFamily.InterNetwork ? 32 : 128);
        _lab.LeftRoute.AddRoute(new(network) { Gateway = IPAddress.Parse(gateway), InterfaceIndex = _lab.LeftIndex, Table = 77 });
        _lab.LeftRoute.AddRule(new(address.AddressFamily) { Table = 77, Mark = 5, MarkMask = 0xff });

        var found = _lab.LeftRoute.GetRoute(new(address) { Mark = 5 });
        Assert.That((found.Gateway, found.InterfaceIndex, found.Table), Is.EqualTo((IPAddress.Parse(gateway), _lab.LeftIndex, 77u)));
        Assert.That(() => _lab.LeftRoute.GetRoute(new(address)), Throws.TypeOf<NetlinkException>()
            .With.Property(nameof(LinuxException.Errno)).EqualTo(Errno.ENETUNREACH));
    }

    [Test]
    public void A_rule_without_a_table_asks_the_main_one_and_one_of_any_table_is_deleted()
    {
        _lab.LeftRoute.AddRule(new(AddressFamily.InterNetwork) { Priority = 99 });
        _lab.LeftRoute.AddRule(new(AddressFamily.InterNetwork) { Priority = 100, Table = 50 });
        Assert.That(_lab.LeftRoute.ListRules().Single(static r => r.Priority == 99).Table, Is.EqualTo(NetworkRoute.MainTable));
        _lab.LeftRoute.DeleteRule(new(AddressFamily.InterNetwork) { Priority = 100 });
        Assert.That(_lab.LeftRoute.ListRules().Select(static r => r.Priority), Has.Member(99).And.No.Member(100));
    }

    [Test]
    public void A_rule_that_is_not_there_is_named_by_what_is_set()
    {
        var rule = new NetworkRule(AddressFamily.InterNetwork) { Priority = 100, Table = 50, From = IPNetwork.Parse("10.0.0.0/8"), Mark = 1, MarkMask = 0xff };
        Assert.That(
            () => _lab.LeftRoute.DeleteRule(rule),
            Throws.TypeOf<NetlinkException>().With.Message.StartsWith("delete the rule of priority 100 (IPv4, from 10.0.0.0/8, mark 0x1/0xff, table 50): ENOENT"));
        Assert.That(
            () => _lab.LeftRoute.DeleteRule(new(AddressFamily.InterNetworkV6) { Action = NetworkRuleAction.Prohibit }),
            Throws.TypeOf<NetlinkException>().With.Message.StartsWith("delete the rule (IPv6, Prohibit): ENOENT"));
    }

    [Test]
    public void A_network_of_another_family_is_a_mistake_of_the_caller() =>
        Assert.That(() => _lab.LeftRoute.AddRule(new(AddressFamily.InterNetwork) { From = IPNetwork.Parse("::/1") }), Throws.ArgumentException);

    [TestCase(-1)]
    [TestCase(33)]
    [TestCase(256 + 8)]
    public void A_prefix_longer_than_an_address_is_a_mistake_of_the_caller(int length) =>
        Assert.That(() => _lab.LeftRoute.AddRule(new(AddressFamily.InterNetwork) { From = new(IPAddress.Loopback, length) }), Throws.InstanceOf<ArgumentException>());
}
