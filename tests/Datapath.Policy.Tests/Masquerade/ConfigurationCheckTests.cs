using System.Collections.Immutable;
using System.Net;

namespace Datapath.Policy.Tests.Masquerade;

/// <summary>What is wrong with a configuration: all of it at once, with field, value and reason.</summary>
internal sealed class ConfigurationCheckTests
{
    private static readonly MasqueradePool s_pool = new() { Name = "blue", Addresses = [IPAddress.Parse("192.0.2.1")] };

    [Test]
    public void A_configuration_that_says_nothing_is_valid() => Assert.That(MasqueradeCompiler.Check(new()), Is.Empty);

    [Test]
    public void A_configuration_that_says_all_is_valid() => Assert.That(
        MasqueradeCompiler.Check(new()
        {
            Sources = Site.Ranges("10.0.0.0/8", "::/0"),
            Interfaces = ["eth0", "veth+", "+", "abcdefghijklmno"],
            MasqueradeForwarded = true,
            IPv4NativeRoutingCidr = IPNetwork.Parse("10.0.0.0/8"),
            IPv6NativeRoutingCidr = IPNetwork.Parse("fd00::/8"),
            PodCidrs = Site.Ranges("10.244.0.0/24"),
            RemoteNodes = RemoteNodeMode.Masquerade,
            NonMasquerade = NonMasqueradeList.Default,
            MasqueradeCidrs = Site.Ranges("0.0.0.0/0"),
            AddressSource = MasqueradeAddressSource.Fixed,
            Addresses = [IPAddress.Parse("192.0.2.1"), IPAddress.Parse("2001:db8::1")],
            Pools = [s_pool],
        }),
        Is.Empty);

    [Test]
    public void All_mistakes_are_told_at_once_and_nothing_is_compiled()
    {
        var configuration = new MasqueradeConfiguration
        {
            Sources = Site.Ranges("10.0.0.0/8", "::ffff:10.0.0.0/104"),
            Interfaces = ["eth0", ""],
            IPv4NativeRoutingCidr = IPNetwork.Parse("fd00::/8"),
            IPv6NativeRoutingCidr = IPNetwork.Parse("10.0.0.0/8"),
            RemoteNodes = (RemoteNodeMode)7,
            NonMasquerade = Site.List("::ffff:0:0/96"),
            Addresses = [IPAddress.Loopback],
            Pools = [s_pool with { Name = "Blue" }],
        };
        string[] expected =
        [
            "Sources[1]: '::ffff:10.0.0.0/104' must not be a range of IPv4-mapped addresses: write it as IPv4",
            "Interfaces[1]: '' must be the name of an interface, at most 15 bytes without '/', ':' and white space, or a beginning of names with '+' behind it",
            "IPv4NativeRoutingCidr: 'fd00::/8' must be an IPv4 range",
            "IPv6NativeRoutingCidr: '10.0.0.0/8' must be an IPv6 range",
            "RemoteNodes: '7' must be Keep or Masquerade",
            "NonMasquerade.Cidrs[0]: '::ffff:0:0/96' must not be a range of IPv4-mapped addresses: write it as IPv4",
            "Addresses[0]: '127.0.0.1' must not be a loopback address: nothing outside could answer",
            "Addresses: must be empty: AddressSource is Device, not Fixed",
            "Pools[0].Name: 'Blue' must be at most 63 lower-case letters, digits or '-', with a letter or digit at both ends",
        ];
        Assert.That(MasqueradeCompiler.Check(configuration).Select(static diagnostic => diagnostic.ToString()), Is.EqualTo(expected));
        var compilation = MasqueradeCompiler.Compile(new() { Configuration = configuration });
        Assert.That(compilation.State, Is.Null);
        Assert.That(compilation.Diagnostics, Is.EqualTo(MasqueradeCompiler.Check(configuration)));
    }

    [TestCase("eth0/1")]
    [TestCase("eth 0")]
    [TestCase("eth0:1")]
    [TestCase("e+h0")]
    [TestCase("eth++")]
    [TestCase("abcdefghijklmnop")]
    [TestCase("abcdefghijklmnop+")]
    [TestCase("äöüäöüäö")]
    [TestCase("..")]
    [TestCase(null)]
    public void What_no_interface_can_be_called_is_refused(string? name) => Assert.That(
        MasqueradeCompiler.Check(new() { Interfaces = [name!] }).Single().ToString(), Does.StartWith($"Interfaces[0]: {(name is null ? "must not be null" : $"'{name}' must be the name of an interface")}"));

    [TestCase("::ffff:192.0.2.1", "must not be an IPv4-mapped address: write it as IPv4")]
    [TestCase("0.0.0.0", "must not be the unspecified address")]
    [TestCase("::1", "must not be a loopback address: nothing outside could answer")]
    [TestCase("224.0.0.1", "must not be a multicast address")]
    [TestCase("169.254.1.1", "must not be a link-local address: only the nearest network could answer")]
    [TestCase("fd00::1%3", "must not have a scope")]
    public void Addresses_that_nothing_can_answer_to_are_refused(string address, string reason)
    {
        var field = MasqueradeCompiler.Check(new() { AddressSource = MasqueradeAddressSource.Fixed, Addresses = [IPAddress.Parse(address)] });
        Assert.That(field.Single().ToString(), Is.EqualTo($"Addresses[0]: '{address}' {reason}"));
        var pool = MasqueradeCompiler.Check(new() { Pools = [s_pool with { Addresses = [s_pool.Addresses[0], IPAddress.Parse(address)] }] });
        Assert.That(pool.Single().ToString(), Is.EqualTo($"Pools[0].Addresses[1]: '{address}' {reason}"));
    }

    [TestCaseSource(nameof(Pools))]
    public void A_pool_is_refused_with_the_reason(ImmutableArray<MasqueradePool> pools, string expected) =>
        Assert.That(MasqueradeCompiler.Check(new() { Pools = pools }).Single().ToString(), Is.EqualTo(expected));

    private static IEnumerable<TestCaseData> Pools()
    {
        yield return Pool("no addresses", "Pools[0].Addresses: must have at least one address", s_pool with { Addresses = [] });
        yield return Pool("one name", "Pools[1].Name: 'blue' must be the name of one pool only", s_pool, s_pool);
        yield return Pool("address twice", "Pools[0].Addresses[1]: '192.0.2.1' must be there once", s_pool with { Addresses = [s_pool.Addresses[0], s_pool.Addresses[0]] });
        yield return Pool("null", "Pools[0]: must not be null", [null!]);
        yield return Pool("null selector", "Pools[0].PodSelector: 'null' must be a selector; without requirements for all", s_pool with { PodSelector = null! });
        yield return Pool(
            "selector", "Pools[0].NamespaceSelector.matchLabels[a b]: is no label: a key must be at most 63 letters, digits, '-', '_' or '.', with a letter or digit at both ends, and may have a DNS name and '/' before it",
            s_pool with { NamespaceSelector = new(ImmutableDictionary<string, string>.Empty.Add("a b", "c")) });
        yield return Pool("too many", "Pools: '256' must be at most 255 pools", [.. Enumerable.Repeat(s_pool, 256)]);
    }

    [Test]
    public void Fixed_addresses_must_be_there() => Assert.That(
        MasqueradeCompiler.Check(new() { AddressSource = MasqueradeAddressSource.Fixed }).Single().ToString(), Is.EqualTo("Addresses: must have at least one address: AddressSource is Fixed"));

    [Test]
    public void Configurations_are_equal_by_value()
    {
        MasqueradeConfiguration Full() => new()
        {
            Sources = Site.Ranges("10.0.0.0/8"),
            Interfaces = ["eth0"],
            IPv4NativeRoutingCidr = IPNetwork.Parse("10.0.0.0/8"),
            NonMasquerade = Site.List("10.0.0.0/8"),
            MasqueradeCidrs = Site.Ranges("0.0.0.0/0"),
            Pools = [s_pool with { Addresses = [IPAddress.Parse("192.0.2.1")] }],
        };
        var (one, same) = (Full(), Full());
        Assert.That(one, Is.EqualTo(same));
        Assert.That(one.GetHashCode(), Is.EqualTo(same.GetHashCode()));
        MasqueradeConfiguration[] others =
        [
            Full() with { Sources = [] }, Full() with { Interfaces = [] }, Full() with { IPv4NativeRoutingCidr = null }, Full() with { NonMasquerade = null },
            Full() with { MasqueradeCidrs = [] }, Full() with { Pools = [] }, Full() with { MasqueradeForwarded = true }, Full() with { EnableIPv6Masquerade = false },
            Full() with { AddressSource = MasqueradeAddressSource.Route }, Full() with { RemoteNodes = RemoteNodeMode.Masquerade },
        ];
        Assert.That(others, Has.None.EqualTo(Full()));
    }

    [Test]
    public void Lists_that_were_never_set_count_as_empty()
    {
        var inputs = Site.Inputs with { Configuration = new() { Sources = default, Interfaces = default, PodCidrs = default, MasqueradeCidrs = default, Addresses = default, Pools = default, NonMasquerade = new() { Cidrs = default } } };
        Assert.That(inputs.Verdict(Site.Web, Site.Outside), Is.EqualTo("Translate 0 (Source)"));
    }

    [Test]
    public void Inputs_with_nothing_where_something_must_be_are_refused()
    {
        Assert.That(() => MasqueradeCompiler.Compile(new() { Configuration = null! }), Throws.ArgumentException.With.Message.StartsWith("Configuration: must not be null"));
        Assert.That(() => MasqueradeCompiler.Compile(Site.Inputs with { Pods = [null!] }), Throws.ArgumentException.With.Message.StartsWith("Pods: an object must not be null"));
        Assert.That(() => MasqueradeCompiler.Compile(Site.Inputs with { Nodes = null! }), Throws.ArgumentException.With.Message.StartsWith("Nodes: must not be null"));
    }

    private static TestCaseData Pool(string name, string expected, params MasqueradePool[] pools) => new TestCaseData(pools.ToImmutableArray(), expected).SetArgDisplayNames(name);
}
