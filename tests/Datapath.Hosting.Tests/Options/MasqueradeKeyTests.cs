using System.Net;
using System.Text;
using Datapath.Linux;
using Datapath.Policy;
using Microsoft.Extensions.Configuration;

namespace Datapath.Hosting.Tests.Options;

/// <summary>The keys of masquerading.</summary>
internal sealed class MasqueradeKeyTests
{
    /// <summary>All of them.</summary>
    public static IEnumerable<string> Keys { get; } =
    [
        "enableIPv4Masquerade", "enableIPv6Masquerade", "ipMasqAgent:enabled", "ipMasqAgent:path", "ipv4NativeRoutingCIDR", "ipv6NativeRoutingCIDR", "masquerade:addresses",
        "masquerade:addressSource", "masquerade:devices", "masquerade:dropWarnings", "masquerade:enabled", "masquerade:engine", "masquerade:forwarded", "masquerade:interfaces",
        "masquerade:mappingLog", "masquerade:masqueradeCIDRs", "masquerade:maxFlows",
        "masquerade:nonMasqueradeCIDRs", "masquerade:podCIDRs", "masquerade:pools", "masquerade:portMapping", "masquerade:ports", "masquerade:remoteNodes", "masquerade:reservedPorts", "masquerade:sources",
        "masquerade:untranslatable",
    ];

    private static (DatapathOptions Options, string[] Errors) Read(string json)
    {
        var configuration = new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json))).Build();
        var options = new DatapathOptions();
        string[] errors = [.. DatapathOptionsReader.Read(configuration, options)];
        return (options, errors);
    }

    [Test]
    public void Without_keys_nothing_is_masqueraded_and_all_else_is_as_compiler_and_engine_have_it()
    {
        var (options, errors) = Read("{}");
        Assert.That(errors, Is.Empty);
        var masquerade = options.Masquerade;
        Assert.That((masquerade.Enabled, masquerade.UsesAgentFile, masquerade.AgentFile), Is.EqualTo((false, false, "/etc/config/ip-masq-agent")));
        Assert.That(options.Masquerade.ToConfiguration(), Is.EqualTo(new MasqueradeConfiguration()));
        var (engine, byDefault) = (options.ToMasqueradeOptions(), new LinuxMasqueradeOptions());
        Assert.That(
            (engine.FirstPort, engine.LastPort, engine.MaxFlows, engine.PortMapping, engine.Untranslatable, engine.Lifetime, engine.BpfRoot),
            Is.EqualTo((byDefault.FirstPort, byDefault.LastPort, byDefault.MaxFlows, byDefault.PortMapping, byDefault.Untranslatable, byDefault.Lifetime, byDefault.BpfRoot)));
        Assert.That(engine.ReservedPorts, Is.Empty);
    }

    [Test]
    public void Every_key_is_read()
    {
        var (options, errors) = Read("""
            {
              "enableIPv4Masquerade": true, "enableIPv6Masquerade": false, "ipv4NativeRoutingCIDR": "10.0.0.0/8", "ipv6NativeRoutingCIDR": "fd00::/8",
              "ipMasqAgent": { "enabled": true, "path": "/etc/masq" },
              "masquerade": {
                "enabled": true, "engine": "nftables", "devices": ["eth+"], "sources": ["192.168.122.0/24"], "interfaces": ["virbr0"], "forwarded": true, "podCIDRs": ["10.244.1.0/24"],
                "remoteNodes": "masquerade", "nonMasqueradeCIDRs": ["172.16.0.0/12"], "masqueradeCIDRs": ["0.0.0.0/0"], "addressSource": "fixed", "addresses": ["192.0.2.1"],
                "pools": [{ "name": "blue", "addresses": ["192.0.2.9"], "namespaceSelector": "team=blue", "podSelector": "app in (a, b)" }],
                "ports": "2000-3000", "maxFlows": 1000, "untranslatable": "pass"
              }
            }
            """);
        Assert.That(errors, Is.Empty);
        var masquerade = options.Masquerade;
        Assert.That((masquerade.Enabled, masquerade.UsesAgentFile, masquerade.AgentFile), Is.EqualTo((true, true, "/etc/masq")));
        Assert.That(LabelSelector.TryParse("team=blue", out var team));
        Assert.That(LabelSelector.TryParse("app in (a,b)", out var app));
        Assert.That(options.Masquerade.ToConfiguration(), Is.EqualTo(new MasqueradeConfiguration
        {
            EnableIPv6Masquerade = false,
            Sources = [IPNetwork.Parse("192.168.122.0/24")],
            Interfaces = ["virbr0"],
            MasqueradeForwarded = true,
            IPv4NativeRoutingCidr = IPNetwork.Parse("10.0.0.0/8"),
            IPv6NativeRoutingCidr = IPNetwork.Parse("fd00::/8"),
            PodCidrs = [IPNetwork.Parse("10.244.1.0/24")],
            RemoteNodes = RemoteNodeMode.Masquerade,
            NonMasquerade = new() { Cidrs = [IPNetwork.Parse("172.16.0.0/12")] },
            MasqueradeCidrs = [IPNetwork.Parse("0.0.0.0/0")],
            AddressSource = MasqueradeAddressSource.Fixed,
            Addresses = [IPAddress.Parse("192.0.2.1")],
            Pools = [new() { Name = "blue", NamespaceSelector = team!, PodSelector = app!, Addresses = [IPAddress.Parse("192.0.2.9")] }],
        }));
        var engine = options.ToMasqueradeOptions();
        Assert.That(engine.Devices, Is.EqualTo(new[] { "eth+" }));
        Assert.That(options.Masquerade.Engine, Is.EqualTo(MasqueradeEngine.Nftables));
        var nftables = options.ToNftablesOptions();
        Assert.That((nftables.Devices.Single(), nftables.FirstPort, nftables.LastPort), Is.EqualTo(("eth+", (ushort)2000, (ushort)3000)));
        Assert.That((engine.FirstPort, engine.LastPort, engine.MaxFlows, engine.Untranslatable), Is.EqualTo(((ushort)2000, (ushort)3000, 1000, UntranslatableProtocols.Pass)));
    }

    [TestCase("""{ "enableIPv4Masquerade": "maybe" }""", "enableIPv4Masquerade: 'maybe' must be true or false")]
    [TestCase("""{ "ipv4NativeRoutingCIDR": "fd00::/8" }""", "ipv4NativeRoutingCIDR: 'fd00::/8' must be an IPv4 range")]
    [TestCase("""{ "ipMasqAgent": { "enabled": true, "path": "list" } }""", "ipMasqAgent:path: 'list' must be an absolute path")]
    [TestCase("""{ "masquerade": { "interfaces": ["a/b"] } }""",
        "masquerade:interfaces:0: 'a/b' must be the name of an interface, at most 15 bytes without '/', ':' and white space, or a beginning of names with '+' behind it")]
    [TestCase("""{ "masquerade": { "addresses": ["192.0.2.1"] } }""", "masquerade:addresses: must be empty: masquerade:addressSource is device, not fixed")]
    [TestCase("""{ "masquerade": { "pools": "blue" } }""", "masquerade:pools: 'blue' must be a list of objects with name and addresses")]
    [TestCase("""{ "masquerade": { "pools": [{ "name": "blue" }] } }""", "masquerade:pools:0:addresses: must have at least one address")]
    [TestCase("""{ "masquerade": { "pools": [{ "name": "blue", "addresses": ["192.0.2.9"], "podSelector": "=" }] } }""",
        "masquerade:pools:0:podSelector: '=' must be a label selector such as app=web,tier!=test")]
    [TestCase("""{ "masquerade": { "pools": [{ "name": "blue", "addresses": ["192.0.2.9"], "pods": "a=b" }] } }""",
        "masquerade:pools:0:pods: is no known key; known are addresses, name, namespaceSelector, podSelector")]
    [TestCase("""{ "masquerade": { "engine": "nftables", "devices": ["eth0"], "reservedPorts": [80] } }""",
        "masquerade:reservedPorts: must be empty: the nftables engine knows none; see net.ipv4.ip_local_reserved_ports")]
    [TestCase("""{ "masquerade": { "engine": "nftables", "devices": ["eth0"], "mappingLog": "/var/log/nat" } }""",
        "masquerade:mappingLog: must be empty: the nftables engine leaves mappings to the kernel, which tells nobody here; set masquerade:engine to ebpf, or log the events of connection tracking (conntrack -E, ulogd)")]
    [TestCase("""{ "masquerade": { "engine": "nftables", "devices": ["eth0"], "portMapping": "endpointIndependent" } }""",
        "masquerade:portMapping: must be endpointDependent: the nftables engine leaves ports to the kernel, which gives them by peer; set masquerade:engine to ebpf")]
    [TestCase("""{ "masquerade": { "mappingLog": "nat.log" } }""", "masquerade:mappingLog: 'nat.log' must be an absolute path, or - for standard output")]
    [TestCase("""{ "masquerade": { "dropWarnings": "some" } }""", "masquerade:dropWarnings: 'some' must be true or false")]
    [TestCase("""{ "masquerade": { "engine": "iptables" } }""", "masquerade:engine: 'iptables' must be one of ebpf, nftables")]
    [TestCase("""{ "masquerade": { "ports": "0-80" } }""", "masquerade:ports: '0-80' must begin with 1 or more and must not end before that")]
    [TestCase("""{ "masquerade": { "reservedPorts": ["x"] } }""", "masquerade:reservedPorts:0: 'x' must be a port, or a range of ports such as 30000-32767")]
    [TestCase("""{ "masquerade": { "reservedPorts": ["9-8"] } }""", "masquerade:reservedPorts: '9-8' must not end before it begins")]
    [TestCase("""{ "masquerade": { "ports": "2000-2009", "reservedPorts": ["1990-2004", 2005, "2004-2100"] } }""",
        "masquerade:reservedPorts: '1990-2004, 2005-2005, 2004-2100' must leave flows a port of masquerade:ports, '2000-2009'")]
    [TestCase("""{ "masquerade": { "maxFlows": 0 } }""", "masquerade:maxFlows: 0 must be 1 to 8388608")]
    [TestCase("""{ "masquerade": { "nonMasqueradeCIDRs": ["::ffff:10.0.0.0/104"] } }""",
        "masquerade:nonMasqueradeCIDRs:0: '::ffff:10.0.0.0/104' must not be a range of IPv4-mapped addresses: write it as IPv4")]
    public void Mistakes_are_told_by_their_keys(string json, string error) => Assert.That(Read(json).Errors, Is.EqualTo(new[] { error }));

    [Test]
    public void Reserved_ports_are_ports_and_ranges_and_leave_the_others_to_flows()
    {
        var (options, errors) = Read("""{ "bpfRoot": "/sys/fs/bpf/mine/", "masquerade": { "ports": "2000-2999", "reservedPorts": [2049, "2100-2102", 2049, 5000] } }""");
        Assert.That(errors, Is.Empty);
        Assert.That(options.ToMasqueradeOptions().ReservedPorts, Is.EqualTo(new ushort[] { 2049, 2100, 2101, 2102, 5000 }));
        Assert.That((options.Masquerade.UsablePorts, options.ToMasqueradeOptions().BpfRoot), Is.EqualTo((996, "/sys/fs/bpf/mine-masquerade")));
    }

    [TestCase("endpointDependent", PortMapping.EndpointDependent)]
    [TestCase("endpointIndependent", PortMapping.EndpointIndependent)]
    public void Which_ports_datagrams_leave_by(string value, PortMapping mapping)
    {
        var (options, errors) = Read($$"""{ "masquerade": { "portMapping": "{{value}}" } }""");
        Assert.That(errors, Is.Empty);
        Assert.That(options.ToMasqueradeOptions().PortMapping, Is.EqualTo(mapping));
    }

    [TestCase("{}", true, null)]
    [TestCase("""{ "masquerade": { "mappingLog": "" } }""", true, null)]
    [TestCase("""{ "masquerade": { "mappingLog": "-", "dropWarnings": false } }""", false, "-")]
    [TestCase("""{ "masquerade": { "mappingLog": "/var/log/nat" } }""", true, "/var/log/nat")]
    public void What_is_told_of_drops_and_mappings(string json, bool warnsOfDrops, string? mappingLog)
    {
        var (options, errors) = Read(json);
        Assert.That(errors, Is.Empty);
        Assert.That((options.Masquerade.WarnsOfDrops, options.Masquerade.MappingLog), Is.EqualTo((warnsOfDrops, mappingLog)));
    }

    [Test]
    public void Both_engines_find_devices_by_the_addresses_of_the_node_if_none_is_named()
    {
        var (options, errors) = Read("""{ "node": { "addresses": ["192.0.2.1"] }, "masquerade": { "enabled": true, "engine": "nftables" } }""");
        Assert.That(errors, Is.Empty);
        IPAddress[] expected = [IPAddress.Parse("192.0.2.1")];
        Assert.That((options.ToNftablesOptions().Devices.IsEmpty, options.ToMasqueradeOptions().Devices.IsEmpty), Is.EqualTo((true, true)));
        Assert.That(options.ToNftablesOptions().NodeAddresses, Is.EqualTo(expected));
        Assert.That(options.ToMasqueradeOptions().NodeAddresses, Is.EqualTo(expected));
    }

    [Test]
    public void An_empty_list_of_what_is_not_masqueraded_is_a_list() =>
        Assert.That(Read("""{ "masquerade": { "nonMasqueradeCIDRs": [] } }""").Options.Masquerade.ToConfiguration().NonMasquerade, Is.EqualTo(new NonMasqueradeList()));
}
