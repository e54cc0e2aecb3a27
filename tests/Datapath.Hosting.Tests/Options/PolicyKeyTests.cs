using System.Net;
using Datapath.Policy;

namespace Datapath.Hosting.Tests.Options;

/// <summary>The keys that end in the configuration of the compiler.</summary>
internal sealed class PolicyKeyTests
{
    private static readonly string[] s_engineKeys =
    [
        "bpfRoot", "cgroupRoot", .. KubernetesKeyTests.Keys, .. MasqueradeKeyTests.Keys, "hostNetworkNamespace", "lifetime", "maxFrontends", "maxSlots", "maxStickyClients", "monitor:bufferSize", "noBackend", "nodePort:bindProtection", "services:enabled", "sessionAffinity:byCgroup", "socketLB:connectFallback",
        "socketLB:exemptCgroups", "socketLB:exemptNetworkNamespaces", "socketLB:hostNamespaceOnly", "staleTcp", "stopTimeout",
    ];

    [Test]
    public void Every_key_has_a_case() =>
        Assert.That(DatapathOptionsReader.Keys.Except(s_engineKeys), Is.EqualTo(KeyCase.All.Select(static c => c.Key)));

    [TestCaseSource(typeof(KeyCase), nameof(KeyCase.All))]
    public void A_key_that_is_missing_has_its_default(KeyCase item) =>
        Assert.That(item.Get(new DatapathOptions().ToNodeConfiguration()), Is.EqualTo(item.Default));

    [TestCaseSource(typeof(KeyCase), nameof(KeyCase.All))]
    public void A_good_value_reaches_the_compiler(KeyCase item)
    {
        var (node, errors) = KeyCase.Read(item.Key, item.Good);
        Assert.That(errors, Is.Empty);
        Assert.That(item.Get(node), Is.EqualTo(item.Expected));
    }

    [TestCaseSource(typeof(KeyCase), nameof(KeyCase.All))]
    public void A_bad_value_is_refused_with_key_value_and_reason(KeyCase item) =>
        Assert.That(KeyCase.Read(item.Key, item.Bad).Errors, Is.EqualTo(new[] { item.Key + item.Error }));

    [Test]
    public void What_nothing_is_said_of_is_as_the_compiler_has_it_by_default() =>
        Assert.That(new DatapathOptions().ToNodeConfiguration() with { Name = "" }, Is.EqualTo(new NodeConfiguration()));

    [TestCase("node:addresses", "[]")]
    [TestCase("node:addresses", "null")]
    [TestCase("nodePort:addresses", "null")]
    [TestCase("localRedirectPolicies:addressMatcherCIDRs", "[]")]
    public void An_empty_list_and_null_are_fine(string key, string value) => Assert.That(KeyCase.Read(key, value).Errors, Is.Empty);

    [TestCase("nodePort:range", "\"30000,32767\"", ExpectedResult = "30000-32767")]
    [TestCase("nodePort:range", "\"1-65535\"", ExpectedResult = "1-65535")]
    public string Ranges_of_ports_are_read_in_both_usual_forms(string key, string value) => KeyCase.Read(key, value).Node.NodePortRange.ToString();

    [TestCase("nodePort:range", "\"0-80\"", "nodePort:range: '0-80' must begin with 1 or more and must not end before that")]
    [TestCase("nodePort:range", "\"90-80\"", "nodePort:range: '90-80' must begin with 1 or more and must not end before that")]
    [TestCase("nodePort:range", "\"-80\"", "nodePort:range: '-80' must be a range of ports such as 30000-32767")]
    [TestCase("nodePort:range", "\"1-65536\"", "nodePort:range: '1-65536' must be a range of ports such as 30000-32767")]
    [TestCase("node:labels", "\"a=b\"", "node:labels: 'a=b' must be an object of texts")]
    [TestCase("node:addresses", "[\"fe80::1%1\"]", "node:addresses:0: 'fe80::1%1' must be without a scope")]
    [TestCase("node:addresses", "[\"192.0.2.1\", \"::1\"]", "node:addresses:1: '::1' must not be a loopback address: each machine has it")]
    [TestCase("node:name", "\"Node_A\"", "node:name: 'Node_A' must be at most 253 lower-case letters, digits, '-' or '.', with a letter or digit at both ends of each part")]
    [TestCase("node:labels", "{ \"a b\": \"c\" }", "node:labels: 'a b' must be at most 63 letters, digits, '-', '_' or '.', with a letter or digit at both ends, and may have a DNS name and '/' before it")]
    [TestCase("node:labels", "{ \"a\": \"b c\" }", "node:labels:a: 'b c' must be empty or at most 63 letters, digits, '-', '_' or '.', with a letter or digit at both ends")]
    [TestCase("node:zone", "\"a b\"", "node:zone: 'a b' must be the value of a label: 1 to 63 letters, digits, '-', '_' or '.', with a letter or digit at both ends")]
    [TestCase("loadBalancer:healthCheckAnnotation", "\"a b\"", "loadBalancer:healthCheckAnnotation: 'a b' must be at most 63 letters, digits, '-', '_' or '.', with a letter or digit at both ends, and may have a DNS name and '/' before it")]
    [TestCase("ipv4", "false", "ipv4: 'False' must be an object with enabled")]
    [TestCase("ipv4", "{ \"enable\": true }", "ipv4:enable: is no known key; known are enabled")]
    [TestCase("maglev:tableSize", "\"big\"", "maglev:tableSize: 'big' must be a whole number")]
    [TestCase("nodePort:addresses", "[\"2001:db8::/129\"]", "nodePort:addresses:0: '2001:db8::/129' must be a range such as 10.0.0.0/8, without bits beyond the prefix, in its usual form")]
    public void Mistakes_are_told_apart(string key, string value, string error) =>
        Assert.That(KeyCase.Read(key, value).Errors, Is.EqualTo(new[] { error }));

    [Test]
    public void A_machine_without_any_family_is_refused() => Assert.That(
        KeyCase.Read("ipv4", """{ "enabled": false }, "ipv6": { "enabled": false }""").Errors,
        Is.EqualTo(new[] { "ipv6:enabled: must be true if ipv4:enabled is false" }));

    [Test]
    public void Node_ports_are_offered_at_all_addresses_but_loopback_ones_or_at_those_in_the_ranges()
    {
        var options = new DatapathOptions();
        options.Node.Addresses = [IPAddress.Parse("127.0.0.1"), IPAddress.Parse("10.0.0.1"), IPAddress.Parse("2001:db8::1")];
        Assert.That(Offered(options), Is.EqualTo(new[] { "10.0.0.1", "2001:db8::1" }));
        options.NodePort.Addresses.Add(IPNetwork.Parse("127.0.0.0/8"));
        Assert.That(Offered(options), Is.EqualTo(new[] { "127.0.0.1" }));
    }

    [Test]
    public void Addresses_of_devices_count_unless_others_are_given()
    {
        var options = new DatapathOptions();
        Assert.That(options.ToNodeConfiguration([IPAddress.Parse("10.0.0.1")]).Addresses.Select(static a => a.Address.ToString()), Is.EqualTo(new[] { "10.0.0.1" }));
        options.Node.Addresses = [];
        Assert.That(options.ToNodeConfiguration([IPAddress.Parse("10.0.0.1")]).Addresses, Is.Empty);
    }

    private static IEnumerable<string> Offered(DatapathOptions options) =>
        options.ToNodeConfiguration().Addresses.Where(static a => a.NodePort).Select(static a => a.Address.ToString());
}
