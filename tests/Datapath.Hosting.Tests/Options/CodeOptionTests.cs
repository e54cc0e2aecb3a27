using System.Net;
using Datapath.Hosting.Tests.Lab;
using Datapath.Linux;
using Datapath.Policy;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Datapath.Hosting.Tests.Options;

/// <summary>Values that code can give to options and a configuration cannot, and what is missing on the machine: each is told by its key, all at once.</summary>
internal sealed class CodeOptionTests
{
    private const string Gone = "/sys/fs/cgroup/gone";
    private const string NoPins = "must be a folder on a bpf filesystem: choose one below /sys/fs/bpf, for example '/sys/fs/bpf/datapath', or set lifetime to process";

    private static TestCaseData Case(Action<DatapathOptions> set, string mistake) => new TestCaseData(set, mistake).SetArgDisplayNames(mistake.Split(": ")[0]);

    private static IEnumerable<TestCaseData> Mistakes() =>
    [
        Case(static o => o.Lifetime = (DatapathLifetime)7, "lifetime: '7' must be one of pinned, process"),
        Case(static o => o.StaleTcp = (StaleTcpPolicy)7, "staleTcp: '7' must be one of whenBackendIsGone, always, never"),
        Case(static o => o.NoBackend = (NoBackendReply)7, "noBackend: '7' must be one of refuse, unreachable"),
        Case(static o => o.LoadBalancer.Algorithm = (LoadBalancingAlgorithm)7, "loadBalancer:algorithm: '7' must be one of random, maglev"),
        Case(static o => o.LoadBalancer.Mode = (ForwardingDefault)7, "loadBalancer:mode: '7' must be one of snat, dsr, hybrid"),
        Case(static o => o.LoadBalancer.DefaultIpam = (LoadBalancerIpam)7, "defaultLBServiceIPAM: '7' must be one of lbipam, nodeipam, none"),
        Case(static o => o.Masquerade.Engine = (MasqueradeEngine)7, "masquerade:engine: '7' must be one of ebpf, nftables"),
        Case(static o => o.Masquerade.PortMapping = (PortMapping)7, "masquerade:portMapping: '7' must be one of endpointDependent, endpointIndependent"),
        Case(static o => o.Masquerade.Untranslatable = (UntranslatableProtocols)7, "masquerade:untranslatable: '7' must be one of drop, pass, translateAddress"),
        Case(static o => o.Masquerade.AddressSource = (MasqueradeAddressSource)7, "masquerade:addressSource: '7' must be one of device, route, fixed"),
        Case(static o => o.Masquerade.RemoteNodes = (RemoteNodeMode)7, "masquerade:remoteNodes: '7' must be one of keep, masquerade"),
        Case(static o => o.Kubernetes.StatusWrites = (KubernetesStatusWrites)7, "kubernetes:statusWrites: '7' must be one of all, problems, none"),
        Case(static o => o.BpfRoot = null!, "bpfRoot: '' must be an absolute path"),
        Case(static o => o.BpfRoot = "/a\0b", "bpfRoot: '/a\0b' must be an absolute path"),
        Case(static o => o.CgroupRoot = "", "cgroupRoot: '' must be an absolute path"),
        Case(static o => o.CgroupRoot = "/a\0b", "cgroupRoot: '/a\0b' must be an absolute path"),
        Case(static o => o.HostNetworkNamespace = null!, "hostNetworkNamespace: '' must be an absolute path"),
        Case(static o => o.SocketLb.ExemptCgroups.Add(null!), "socketLB:exemptCgroups:0: must not be null"),
        Case(static o => o.SocketLb.ExemptCgroups.Add("system.slice"), "socketLB:exemptCgroups:0: 'system.slice' must be an absolute path"),
        Case(static o => o.SocketLb.ExemptNetworkNamespaces.Add(""), "socketLB:exemptNetworkNamespaces:0: '' must be an absolute path"),
        Case(static o => o.SocketLb.ConnectFallback = TimeSpan.FromTicks(1), "socketLB:connectFallback: 1E-07 must be 0 to 86400 (seconds), and 0.01 or more unless it is 0"),
        Case(static o => o.SocketLb.ConnectFallback = TimeSpan.FromDays(2), "socketLB:connectFallback: 172800 must be 0 to 86400 (seconds)"),
        Case(static o => o.StopTimeout = TimeSpan.FromMilliseconds(500), "stopTimeout: 0.5 must be 1 to 3600 (seconds)"),
        Case(static o => o.StopTimeout = Timeout.InfiniteTimeSpan, "stopTimeout: -0.001 must be 1 to 3600 (seconds)"),
        Case(static o => o.Kubernetes.StaleAfter = TimeSpan.FromMilliseconds(500), "kubernetes:staleAfter: 0.5 must be 1 to 86400 (seconds)"),
        Case(static o => o.Node.Name = null!, "node:name: must not be empty"),
        Case(static o => o.Node.Addresses = [null!], "node:addresses:0: must not be null"),
        Case(static o => o.Node.Addresses = [IPAddress.Any], "node:addresses:0: '0.0.0.0' must not be the unspecified address: leave the list out for the addresses of the devices"),
        Case(static o => o.Node.Addresses = [IPAddress.IPv6Any], "node:addresses:0: '::' must not be the unspecified address: leave the list out for the addresses of the devices"),
        Case(static o => o.Node.Addresses = [IPAddress.Parse("127.0.0.5")], "node:addresses:0: '127.0.0.5' must not be a loopback address: each machine has it"),
        Case(static o => o.Node.Addresses = [IPAddress.Parse("224.0.0.1")], "node:addresses:0: '224.0.0.1' must not be a multicast address"),
        Case(static o => o.Node.Addresses = [IPAddress.Parse("192.0.2.1"), IPAddress.Parse("ff02::1")], "node:addresses:1: 'ff02::1' must not be a multicast address"),
        Case(static o => o.Node.Addresses = [IPAddress.Broadcast], "node:addresses:0: '255.255.255.255' must not be the broadcast address"),
        Case(static o => o.Node.Addresses = [IPAddress.Parse("::ffff:192.0.2.1")], "node:addresses:0: '::ffff:192.0.2.1' must not be an IPv4-mapped address: write it as IPv4"),
        Case(static o => o.Node.Labels["a"] = null!, "node:labels:a: 'null' must be empty or at most 63 letters, digits, '-', '_' or '.', with a letter or digit at both ends"),
        Case(static o => o.Node.Zone = "", "node:zone: '' must be the value of a label: 1 to 63 letters, digits, '-', '_' or '.', with a letter or digit at both ends"),
        Case(static o => o.LoadBalancer.HealthCheckAnnotation = "", "loadBalancer:healthCheckAnnotation: must not be empty"),
        Case(static o => o.NodePort.Addresses.Add(IPNetwork.Parse("::ffff:10.0.0.0/104")), "nodePort:addresses:0: '::ffff:10.0.0.0/104' must not be a range of IPv4-mapped addresses: write it as IPv4"),
        Case(static o => o.LocalRedirect.AddressMatcherCidrs.Add(IPNetwork.Parse("::ffff:10.0.0.0/104")),
            "localRedirectPolicies:addressMatcherCIDRs:0: '::ffff:10.0.0.0/104' must not be a range of IPv4-mapped addresses: write it as IPv4"),
        Case(static o => o.Masquerade.Devices.Add("a/b"), "masquerade:devices:0: 'a/b' must be the name of an interface, at most 15 bytes without '/', ':' and white space, or a beginning of names with '+' behind it"),
        Case(static o => o.Masquerade.Devices.Add(null!), "masquerade:devices:0: must not be null"),
        Case(static o => o.Masquerade.Interfaces.Add(null!), "masquerade:interfaces:0: must not be null"),
        Case(static o => o.Masquerade.Pools.Add(null!), "masquerade:pools:0: must not be null"),
        Case(
            static o =>
            {
                o.Masquerade.AddressSource = MasqueradeAddressSource.Fixed;
                o.Masquerade.Addresses.Add(null!);
            },
            "masquerade:addresses:0: must not be null"),
        Case(
            static o =>
            {
                o.Masquerade.AddressSource = (MasqueradeAddressSource)77;
                o.Masquerade.Addresses.Add(IPAddress.Parse("192.0.2.1"));
            },
            "masquerade:addressSource: '77' must be one of device, route, fixed"),
        Case(static o => o.Masquerade.MappingLog = "", "masquerade:mappingLog: '' must be an absolute path, or - for standard output"),
        Case(static o => (o.Masquerade.UsesAgentFile, o.Masquerade.AgentFile) = (true, null!), "ipMasqAgent:path: '' must be an absolute path"),
        Case(static o => o.Kubernetes.KubeConfig = "", "kubernetes:kubeconfig: '' must be an absolute path"),
        Case(static o => o.Kubernetes.Server = "", "kubernetes:server: '' must be an https URL without query, for example https://192.0.2.1:6443 or https://[2001:db8::1]:6443"),
    ];

    private static TestCaseData MissingCase(Action<DatapathOptions> set, string mistake) => Case(set, mistake);

    private static IEnumerable<TestCaseData> Missing() =>
    [
        MissingCase(static o => o.CgroupRoot = Gone, $"cgroupRoot: '{Gone}' must be a cgroup v2 that can be opened: open cgroup '{Gone}': ENOENT (there is no such directory"),
        MissingCase(static o => o.CgroupRoot = "/tmp", "cgroupRoot: '/tmp' must be a cgroup v2 that can be opened: open cgroup '/tmp': ENOENT (it is not on cgroup v2"),
        MissingCase(static o => o.SocketLb.ExemptCgroups.Add(Gone), $"socketLB:exemptCgroups:0: '{Gone}' must be a cgroup v2 that can be opened: open cgroup '{Gone}': ENOENT (there is no such directory"),
        MissingCase(static o => o.BpfRoot = "/tmp/datapath", $"bpfRoot: '/tmp/datapath' {NoPins}"),
        MissingCase(static o => o.BpfRoot = "/sys/fs/bpf/../datapath", $"bpfRoot: '/sys/fs/bpf/../datapath' {NoPins}"),
        MissingCase(static o => (o.BpfRoot, o.EnableServices, o.Masquerade.Enabled) = ("/tmp/datapath", false, true), $"bpfRoot: '/tmp/datapath' {NoPins}"),
        MissingCase(static o => o.SocketLb.ExemptNetworkNamespaces.Add("/run/gone"), "socketLB:exemptNetworkNamespaces:0: '/run/gone' must be a network namespace that can be opened: open network namespace '/run/gone': ENOENT"),
    ];

    private static IHost MakeHost(Action<DatapathOptions> configure, Action<IDatapathBuilder>? build = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Services.AddSingleton<IDatapath, FakeDatapath>();
        var datapath = builder.Services.AddDatapath(configure);
        build?.Invoke(datapath);
        return builder.Build();
    }

    private static async Task<string[]> FailuresOf(Action<DatapathOptions> configure, Action<IDatapathBuilder>? build = null)
    {
        using var host = MakeHost(configure, build);
        return [.. (await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync()))!.Failures];
    }

    [TestCaseSource(nameof(Mistakes))]
    public async Task A_value_that_cannot_be_right_stops_the_start_with_its_key(Action<DatapathOptions> set, string mistake)
    {
        Assert.That(await FailuresOf(set), Is.EqualTo(new[] { mistake }));
        var options = new DatapathOptions();
        set(options);
        Assert.That(DatapathOptionsReader.Read(new ConfigurationBuilder().Build(), options), Is.EqualTo(new[] { mistake }), "wherever the options are read");
    }

    [TestCaseSource(nameof(Missing))]
    public async Task What_is_not_on_the_machine_stops_the_start_with_its_key(Action<DatapathOptions> set, string mistake)
    {
        var failures = await FailuresOf(set);
        Assert.That(failures, Has.Length.EqualTo(1));
        Assert.That(failures[0], Does.StartWith(mistake));
        var options = new DatapathOptions();
        set(options);
        Assert.That(DatapathOptionsReader.Read(new ConfigurationBuilder().Build(), options), Is.Empty, "which tools on other machines cannot tell");
    }

    [Test]
    public async Task All_that_is_wrong_and_missing_is_told_at_once()
    {
        var failures = await FailuresOf(
            static o =>
            {
                (o.StaleTcp, o.BpfRoot, o.CgroupRoot, o.Node.Zone) = ((StaleTcpPolicy)7, "/tmp", Gone, "a b");
                o.SocketLb.ExemptCgroups.Add("relative");
                o.SocketLb.ExemptCgroups.Add(Gone);
            },
            static builder => builder.AddManifestFolder("/nowhere").AddManifestFolder("").AddManifestFolder("/tmp", new() { Poll = TimeSpan.Zero, Settle = Timeout.InfiniteTimeSpan })
                .AddClient([new("shop", "web"), null!]));
        Assert.That(failures.Select(static failure => failure.Split(": ")[0]), Is.EqualTo(new[]
        {
            "staleTcp", "socketLB:exemptCgroups:0", "node:zone", "bpfRoot", "cgroupRoot", "socketLB:exemptCgroups:1", "the folder of manifests '/nowhere' does not exist",
            "the folder of manifests", "the folder of manifests '/tmp'", "the folder of manifests '/tmp'", "AddClient", "AddClient",
        }));
    }

    [Test]
    public void Where_nothing_is_pinned_it_does_not_matter_what_bpfRoot_is_on()
    {
        Action<DatapathOptions>[] cases =
        [
            static o => o.Lifetime = DatapathLifetime.Process,
            static o => o.EnableServices = false,
            static o => (o.EnableServices, o.Masquerade.Enabled, o.Masquerade.Engine) = (false, true, MasqueradeEngine.Nftables),
        ];
        foreach (var set in cases)
        {
            var options = new DatapathOptions { BpfRoot = "/tmp/datapath" };
            set(options);
            Assert.That(MachineCheck.Check(options), Is.Empty);
        }
    }

    [Test]
    public async Task Without_services_nobody_looks_for_their_cgroups()
    {
        using var host = MakeHost(static o =>
        {
            (o.EnableServices, o.CgroupRoot, o.Node.Addresses) = (false, Gone, []);
            o.SocketLb.ExemptCgroups.Add(Gone);
        });
        await host.StartAsync();
        await host.StopAsync();
    }

    [Test]
    public void Times_between_whole_seconds_are_kept_as_they_are()
    {
        var options = new DatapathOptions { StopTimeout = TimeSpan.FromSeconds(1.5) };
        options.SocketLb.ConnectFallback = TimeSpan.FromMilliseconds(500);
        Assert.That(DatapathOptionsReader.Read(new ConfigurationBuilder().Build(), options), Is.Empty);
        Assert.That(options.ToEngineOptions().ConnectFallback, Is.EqualTo(TimeSpan.FromMilliseconds(500)));
    }

    [Test]
    public void A_host_name_that_no_node_may_have_is_fine_unless_a_cluster_is_followed()
    {
        var options = new DatapathOptions();
        Assert.That(NodeOptionsCheck.Check(options, hostName: options.Node.Name = "build_01"), Is.Empty);
        options.Kubernetes.Enabled = true;
        Assert.That(NodeOptionsCheck.Check(options, hostName: "build_01").Single(), Does.StartWith("node:name: 'build_01' must be at most 253 lower-case letters"));
        options.Kubernetes.Enabled = false;
        Assert.That(NodeOptionsCheck.Check(options, hostName: "other").Single(), Does.StartWith("node:name: 'build_01' must be"));
    }
}
