using System.Collections.Immutable;
using System.Net;
using System.Text;
using Datapath.Policy;
using Microsoft.Extensions.Configuration;

namespace Datapath.Hosting.Tests.Options;

/// <summary>A key that matters to the compiler.</summary>
/// <param name="Key">The key.</param>
/// <param name="Get">Where it ends.</param>
/// <param name="Default">What is there without it.</param>
/// <param name="Good">A good value, as JSON.</param>
/// <param name="Expected">What is there then.</param>
/// <param name="Bad">A bad value, as JSON.</param>
/// <param name="Error">What is said then, from the end of the key on.</param>
internal sealed record KeyCase(string Key, Func<NodeConfiguration, object?> Get, object? Default, string Good, object? Expected, string Bad, string Error)
{
    private const string NotASwitch = ": 'maybe' must be true or false";
    private const string NotARange = "must be a range such as 10.0.0.0/8, without bits beyond the prefix, in its usual form";

    public static IReadOnlyList<KeyCase> All { get; } =
    [
        Switch("bpf:disableExternalIPMitigation", static n => n.ExternalIPsAnywhere),
        Switch("bpf:lbAlgorithmAnnotation", static n => n.AllowAlgorithmAnnotation),
        Switch("bpf:lbExternalClusterIP", static n => n.ExternalClusterIP),
        Switch("bpf:lbModeAnnotation", static n => n.AllowForwardingAnnotation),
        Switch("bpf:lbSourceRangeAllTypes", static n => n.SourceRangeAllTypes),
        Switch("bpf:lbWildcardEntries", static n => n.WildcardEntries, byDefault: true),
        new("defaultLBServiceIPAM", static n => n.DefaultLoadBalancerClass, true, "\"nodeipam\"", false, "\"pool\"", ": 'pool' must be one of lbipam, nodeipam, none"),
        Switch("externalIPs:enabled", static n => n.EnableExternalIPs, byDefault: true),
        Switch("ipv4:enabled", static n => n.EnableIPv4, byDefault: true),
        Switch("ipv6:enabled", static n => n.EnableIPv6, byDefault: true),
        Switch("kubeProxyReplacement", static n => n.KubeProxyReplacement, byDefault: true),
        new("loadBalancer:algorithm", static n => n.Algorithm, LoadBalancingAlgorithm.Random, "\"maglev\"", LoadBalancingAlgorithm.Maglev, "\"robin\"", ": 'robin' must be one of random, maglev"),
        new("loadBalancer:healthCheckAnnotation", static n => n.HealthCheckAnnotation, null, "\"example.com/checked\"", "example.com/checked", "\" \"", ": must not be empty"),
        new("loadBalancer:mode", static n => n.Forwarding, ForwardingDefault.Snat, "\"hybrid\"", ForwardingDefault.Hybrid, "\"ipip\"", ": 'ipip' must be one of snat, dsr, hybrid"),
        Switch("loadBalancer:serviceTopology", static n => n.ServiceTopology),
        new("localRedirectPolicies:addressMatcherCIDRs", static n => n.AddressMatcherCidrs, ImmutableArray<IPNetwork>.Empty,
            """["169.254.0.0/16", "fd00::/8"]""", new[] { IPNetwork.Parse("169.254.0.0/16"), IPNetwork.Parse("fd00::/8") },
            """["169.254.0.1/16"]""", $":0: '169.254.0.1/16' {NotARange}"),
        Switch("localRedirectPolicies:enabled", static n => n.EnableLocalRedirect, byDefault: true),
        new("maglev:tableSize", static n => n.MaglevTableSize, 16381, "131071", 131071, "1000",
            ": 1000 must be one of 251, 509, 1021, 2039, 4093, 8191, 16381, 32749, 65521, 131071"),
        new("node:addresses", static n => n.Addresses, ImmutableArray<LocalAddress>.Empty,
            """["192.0.2.1", "169.254.1.1"]""", new[] { Local("192.0.2.1", true), Local("169.254.1.1", false) },
            """["2001:DB8::1"]""", ":0: '2001:DB8::1' must be an IP address, in its usual form"),
        new("node:labels", static n => n.Labels, ImmutableDictionary<string, string>.Empty,
            """{ "example.com/Rack": "12", "bare": "" }""", new Dictionary<string, string> { ["example.com/Rack"] = "12", ["bare"] = "" },
            """{ "rack": ["12"] }""", ":rack: must be a text"),
        new("node:name", static n => n.Name, Dns.GetHostName().ToLowerInvariant(), "\"node-a\"", "node-a", "\" \"", ": must not be empty"),
        new("node:zone", static n => n.Zone, null, "\"west\"", "west", "[]", ": must be a text"),
        new("nodePort:addresses", static n => n.Addresses, ImmutableArray<LocalAddress>.Empty,
            """["10.0.0.0/8"]""", Array.Empty<LocalAddress>(), "\"10.0.0.0/8\"", ": '10.0.0.0/8' must be a list of ranges such as 10.0.0.0/8"),
        new("nodePort:range", static n => n.NodePortRange, new PortRange(30000, 32767), "\"20000-21000\"", new PortRange(20000, 21000),
            "\"30000\"", ": '30000' must be a range of ports such as 30000-32767"),
    ];

    /// <summary>Reads an object with a single key, at its place.</summary>
    public static (NodeConfiguration Node, string[] Errors) Read(string key, string value)
    {
        var json = key.Split(':').Reverse().Aggregate(value, static (inner, name) => $$"""{ "{{name}}": {{inner}} }""");
        var options = new DatapathOptions();
        var configuration = new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json))).Build();
        var errors = DatapathOptionsReader.Read(configuration, options);
        return (options.ToNodeConfiguration(), [.. errors]);
    }

    public override string ToString() => Key;

    private static KeyCase Switch(string key, Func<NodeConfiguration, object?> get, bool byDefault = false) =>
        new(key, get, byDefault, byDefault ? "false" : "\"true\"", !byDefault, "\"maybe\"", NotASwitch);

    private static LocalAddress Local(string address, bool nodePort) => new(IPAddress.Parse(address), nodePort);
}
