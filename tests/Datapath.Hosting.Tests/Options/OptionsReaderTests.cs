using System.Net;
using System.Text;
using Datapath.Linux;
using Microsoft.Extensions.Configuration;

namespace Datapath.Hosting.Tests.Options;

internal sealed class OptionsReaderTests
{
    private const string Known =
        "bpf, bpfRoot, cgroupRoot, defaultLBServiceIPAM, enableIPv4Masquerade, enableIPv6Masquerade, externalIPs, hostNetworkNamespace, ipMasqAgent, ipv4, ipv4NativeRoutingCIDR, ipv6, ipv6NativeRoutingCIDR, kubeProxyReplacement, kubernetes, lifetime, loadBalancer, localRedirectPolicies, "
        + "maglev, masquerade, maxFrontends, maxSlots, maxStickyClients, monitor, noBackend, node, nodePort, services, sessionAffinity, socketLB, staleTcp, stopTimeout";

    private static string[] Read(string json, DatapathOptions? options = null)
    {
        var configuration = new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json))).Build();
        return [.. DatapathOptionsReader.Read(configuration, options ?? new())];
    }

    [Test]
    public void Every_key_is_read()
    {
        var options = new DatapathOptions();
        var errors = Read("""
            {
              "cgroupRoot": "/sys/fs/cgroup/pods", "bpfRoot": "/sys/fs/bpf/mine", "lifetime": "process", "noBackend": "unreachable", "staleTcp": "always", "stopTimeout": 30,
              "maxFrontends": 100, "maxSlots": 1000, "maxStickyClients": 10, "sessionAffinity": { "byCgroup": true },
              "monitor": { "bufferSize": 8192 }, "socketLB": { "connectFallback": 30, "hostNamespaceOnly": true, "exemptCgroups": ["/sys/fs/cgroup/a"], "exemptNetworkNamespaces": ["/run/netns/a"] },
              "node": { "name": "node-a", "addresses": ["192.0.2.1", "2001:db8::1"], "zone": "west" },
              "nodePort": { "bindProtection": false },
              "hostNetworkNamespace": "/run/netns/host"
            }
            """, options);
        Assert.That(errors, Is.Empty);
        Assert.Multiple(() =>
        {
            Assert.That(options.CgroupRoot, Is.EqualTo("/sys/fs/cgroup/pods"));
            Assert.That(options.BpfRoot, Is.EqualTo("/sys/fs/bpf/mine"));
            Assert.That(options.Lifetime, Is.EqualTo(DatapathLifetime.Process));
            Assert.That(options.NoBackend, Is.EqualTo(NoBackendReply.Unreachable));
            Assert.That(options.StopTimeout, Is.EqualTo(TimeSpan.FromSeconds(30)));
            Assert.That(options.StaleTcp, Is.EqualTo(StaleTcpPolicy.Always));
            Assert.That(options.ToEngineOptions().StaleTcp, Is.EqualTo(StaleTcpPolicy.Always));
            Assert.That(options.ToEngineOptions().BindProtection, Is.False);
            Assert.That(options.ToEngineOptions().HostNetworkNamespace, Is.EqualTo("/run/netns/host"));
            Assert.That(options.ToEngineOptions().HostNamespaceOnly, Is.True);
            Assert.That(options.ToEngineOptions().ExemptCgroups, Is.EqualTo(new[] { "/sys/fs/cgroup/a" }));
            Assert.That(options.ToEngineOptions().ExemptNetworkNamespaces, Is.EqualTo(new[] { "/run/netns/a" }));
            Assert.That(options.MaxFrontends, Is.EqualTo(100));
            Assert.That(options.MaxSlots, Is.EqualTo(1000));
            Assert.That(options.ToEngineOptions().MaxStickyClients, Is.EqualTo(10));
            Assert.That(options.ToEngineOptions().AffinityByCgroup, Is.True);
            Assert.That(options.ToEngineOptions().ConnectFallback, Is.EqualTo(TimeSpan.FromSeconds(30)));
            Assert.That(options.ToEngineOptions().TraceBufferSize, Is.EqualTo(8192));
            Assert.That(options.Node.Name, Is.EqualTo("node-a"));
            Assert.That(options.Node.Addresses, Is.EqualTo(new[] { IPAddress.Parse("192.0.2.1"), IPAddress.Parse("2001:db8::1") }));
            Assert.That(options.Node.Zone, Is.EqualTo("west"));
        });
    }

    [Test]
    public void What_is_not_said_keeps_its_default()
    {
        var options = new DatapathOptions();
        Assert.That(Read("{}", options), Is.Empty);
        Assert.That(
            options.ToEngineOptions(),
            Is.EqualTo(new LinuxDatapathOptions { BpfRoot = "/sys/fs/bpf/datapath", Lifetime = DatapathLifetime.Pinned, NoBackend = NoBackendReply.Refuse }));
        Assert.That(options.CgroupRoot, Is.Null);
        Assert.That(options.Node.Name, Is.EqualTo(Dns.GetHostName().ToLowerInvariant()));
        Assert.That(options.Node.Addresses, Is.Null);
        Assert.That(options.Node.Zone, Is.Null);
    }

    [Test]
    public void Keys_and_choices_may_be_written_in_any_case()
    {
        var options = new DatapathOptions();
        Assert.That(Read("""{ "LifeTime": "PROCESS", "NODE": { "Zone": "west" } }""", options), Is.Empty);
        Assert.That((options.Lifetime, options.Node.Zone), Is.EqualTo((DatapathLifetime.Process, "west")));
    }

    [Test]
    public void The_known_keys_are_listed_for_help_texts() => Assert.That(
        DatapathOptionsReader.Keys,
        Is.SupersetOf(new[] { "bpfRoot", "cgroupRoot", "lifetime", "maxFrontends", "maxSlots", "noBackend", "node:addresses", "node:name", "node:zone" })
            .And.Ordered.Using((IComparer<string>)StringComparer.OrdinalIgnoreCase).And.Unique);

    [TestCase("""{ "bpfroute": "/x" }""", $"bpfroute: is no known key; known are {Known}")]
    [TestCase("""{ "node": { "adresses": [] } }""", "node:adresses: is no known key; known are addresses, labels, name, zone")]
    [TestCase("""{ "node": "a" }""", "node: 'a' must be an object with addresses, labels, name, zone")]
    [TestCase("""{ "lifetime": "forever" }""", "lifetime: 'forever' must be one of pinned, process")]
    [TestCase("""{ "lifetime": 1 }""", "lifetime: '1' must be one of pinned, process")]
    [TestCase("""{ "noBackend": null }""", "noBackend: must be one of refuse, unreachable")]
    [TestCase("""{ "stopTimeout": 0 }""", "stopTimeout: 0 must be 1 to 3600 (seconds)")]
    [TestCase("""{ "staleTcp": "gone" }""", "staleTcp: 'gone' must be one of whenBackendIsGone, always, never")]
    [TestCase("""{ "cgroupRoot": "" }""", "cgroupRoot: must be a text")]
    [TestCase("""{ "cgroupRoot": ["/a"] }""", "cgroupRoot: must be a text")]
    [TestCase("""{ "cgroupRoot": "pods" }""", "cgroupRoot: 'pods' must be an absolute path")]
    [TestCase("""{ "bpfRoot": "datapath" }""", "bpfRoot: 'datapath' must be an absolute path")]
    [TestCase("""{ "bpfRoot": "/sys/fs/bpf/" }""", "bpfRoot: '/sys/fs/bpf/' must be a folder in it, for example '/sys/fs/bpf/datapath': all programs of the machine share the bpf filesystem itself")]
    [TestCase("""{ "maxFrontends": "many" }""", "maxFrontends: 'many' must be a whole number")]
    [TestCase("""{ "maxFrontends": -1 }""", "maxFrontends: -1 must be 1 to 16777216")]
    [TestCase("""{ "maxFrontends": 0 }""", "maxFrontends: 0 must be 1 to 16777216")]
    [TestCase("""{ "maxSlots": 63 }""", "maxSlots: 63 must be 64 to 16777216")]
    [TestCase("""{ "maxSlots": 16777217 }""", "maxSlots: 16777217 must be 64 to 16777216")]
    [TestCase("""{ "hostNetworkNamespace": "host" }""", "hostNetworkNamespace: 'host' must be an absolute path")]
    [TestCase("""{ "socketLB": { "hostNamespaceOnly": "no" } }""", "socketLB:hostNamespaceOnly: 'no' must be true or false")]
    [TestCase("""{ "nodePort": { "bindProtection": "no" } }""", "nodePort:bindProtection: 'no' must be true or false")]
    [TestCase("""{ "maxStickyClients": 0 }""", "maxStickyClients: 0 must be 1 to 16777216")]
    [TestCase("""{ "maxStickyClients": 16777217 }""", "maxStickyClients: 16777217 must be 1 to 16777216")]
    [TestCase("""{ "sessionAffinity": { "byCgroup": "yes" } }""", "sessionAffinity:byCgroup: 'yes' must be true or false")]
    [TestCase("""{ "socketLB": { "connectFallback": -1 } }""", "socketLB:connectFallback: -1 must be 0 to 86400 (seconds)")]
    [TestCase("""{ "socketLB": { "connectFallback": 86401 } }""", "socketLB:connectFallback: 86401 must be 0 to 86400 (seconds)")]
    [TestCase("""{ "socketLB": { "connectFallback": "1s" } }""", "socketLB:connectFallback: '1s' must be a whole number")]
    [TestCase("""{ "sessionAffinity": { "byPod": true } }""", "sessionAffinity:byPod: is no known key; known are byCgroup")]
    [TestCase("""{ "monitor": { "bufferSize": 2048 } }""", "monitor:bufferSize: 2048 must be a power of two, 4096 to 536870912")]
    [TestCase("""{ "monitor": { "bufferSize": 5000 } }""", "monitor:bufferSize: 5000 must be a power of two, 4096 to 536870912")]
    [TestCase("""{ "monitor": { "bufferSize": 1073741824 } }""", "monitor:bufferSize: 1073741824 must be a power of two, 4096 to 536870912")]
    [TestCase("""{ "monitor": { "bufferSize": "1Mi" } }""", "monitor:bufferSize: '1Mi' must be a whole number")]
    [TestCase("""{ "node": { "name": " " } }""", "node:name: must not be empty")]
    [TestCase("""{ "node": { "addresses": "192.0.2.1" } }""", "node:addresses: '192.0.2.1' must be a list of IP addresses")]
    [TestCase("""{ "node": { "addresses": ["192.0.2.1", "192.0.2"] } }""", "node:addresses:1: '192.0.2' must be an IP address, in its usual form")]
    public void A_mistake_is_named_with_key_value_and_reason(string json, string error) => Assert.That(Read(json), Is.EqualTo(new[] { error }));

    [Test]
    public void All_mistakes_are_named_at_once_those_of_the_values_too() => Assert.That(
        Read("""{ "lifetime": "forever", "unknown": 1, "bpfRoot": "datapath", "maxSlots": 1, "node": { "name": "", "zon": "west" } }"""),
        Is.EqualTo(new[]
        {
            "lifetime: 'forever' must be one of pinned, process",
            "node:name: must be a text",
            "node:zon: is no known key; known are addresses, labels, name, zone",
            $"unknown: is no known key; known are {Known}",
            "bpfRoot: 'datapath' must be an absolute path",
            "maxSlots: 1 must be 64 to 16777216",
        }));

    [Test]
    public void A_configured_list_of_addresses_replaces_that_of_the_code()
    {
        var options = new DatapathOptions();
        options.Node.Addresses = [IPAddress.Loopback];
        Assert.That(Read("""{ "node": { "addresses": ["192.0.2.1"] } }""", options), Is.Empty);
        Assert.That(options.Node.Addresses, Is.EqualTo(new[] { IPAddress.Parse("192.0.2.1") }));
    }
}
