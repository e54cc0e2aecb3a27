using System.Net;

namespace Datapath.Policy.Tests.Compilation;

internal sealed class RangeIndexTests
{
    private RangeIndex _index = null!;

    [SetUp]
    public void MakeIndex() => _index = new();

    [Test]
    public void Ranges_around_are_found_the_longest_prefix_last()
    {
        var (all, wide, near) = (Add("0.0.0.0/0"), Add("10.0.0.0/8"), Add("10.1.0.0/16"));
        _ = (Add("10.2.0.0/16"), Add("10.0.0.0/8", 90, 99), Add("::/0"), Add("10.0.0.0/8", protocol: L4Protocol.Udp), Add("10.1.2.3/32", 1, 79));
        Assert.That(_index.Around(Target("10.1.2.3/32", 80, 80)), Is.EqualTo(new[] { all, wide, near }));
        Assert.That(_index.Around(near), Is.EqualTo(new[] { all, wide }), "a range is not around itself");
        Assert.That(_index.Around(Target("11.0.0.0/8", 80, 80)), Is.EqualTo(new[] { all }));
        Assert.That(_index.Around(Target("10.0.0.0/7", 80, 80)), Is.EqualTo(new[] { all }), "what is inside is not around");
        Assert.That(_index.Around(Target("127.0.0.1/32", 80, 80)), Is.Empty, "loopback is each network namespace's own");
    }

    [Test]
    public void Ranges_of_one_prefix_are_told_apart_by_their_ports_and_go_one_by_one()
    {
        var (narrow, wide) = (Add("fd00::/16", 80, 80), Add("fd00::/16", 1, 100));
        var target = Target("fd00::1/128", 80, 80);
        Assert.That(_index.Around(target), Is.EquivalentTo(new[] { narrow, wide }));
        _index.Remove(narrow);
        _index.Remove(narrow);
        Assert.That(_index.Around(target), Is.EqualTo(new[] { wide }));
        _index.Remove(wide);
        Assert.That(_index.Around(target), Is.Empty);
        _index.Add(narrow);
        Assert.That(_index.Around(target), Is.EqualTo(new[] { narrow }));
        _index.Clear();
        Assert.That(_index.Around(target), Is.Empty);
    }

    private RedirectTarget Add(string prefix, ushort first = 80, ushort last = 89, L4Protocol protocol = L4Protocol.Tcp)
    {
        var range = Target(prefix, first, last, protocol);
        _index.Add(range);
        return range;
    }

    private static RedirectTarget Target(string prefix, ushort first, ushort last, L4Protocol protocol = L4Protocol.Tcp)
    {
        var network = IPNetwork.Parse(prefix);
        return new(new(new(network.BaseAddress, first, protocol), last, network.PrefixLength));
    }
}
