using Datapath.Linux.Services;

namespace Datapath.Linux.Tests.Services;

/// <summary>How the parts of a datapath stand, in words.</summary>
public class FeatureListTests
{
    private static readonly FeatureFacts s_plain = new(new(), "/cg") { Hooks = 10, CanProgramsEndSockets = true };

    private static FeatureFacts With(LinuxDatapathOptions options) => s_plain with { Options = options };

    [Test]
    public void A_datapath_that_serves_nothing_yet_has_its_parts_in_order() => Assert.That(
        FeatureList.Of(s_plain).Select(static f => (f.Name, f.State)),
        Is.EqualTo(new[]
        {
            ("socket load balancing", FeatureState.On),
            ("host namespace only", FeatureState.Off),
            ("local redirect", FeatureState.Off),
            ("session affinity", FeatureState.Off),
            ("bind protection", FeatureState.On),
            ("connect-time fallback", FeatureState.Off),
            ("node ports at loopback", FeatureState.Off),
            ("exemptions", FeatureState.Off),
            ("stale sockets", FeatureState.On),
            ("dial monitor", FeatureState.Off),
            ("adoption", FeatureState.On),
        }));

    [Test]
    public void The_programs_and_their_cgroup_are_told()
    {
        AssertIs(s_plain, "socket load balancing", FeatureState.On, "10 programs at cgroup '/cg'");
        AssertIs(
            s_plain with { HookFault = HookFaults.OfPrograms("/cg", ["dp_connect4", "dp_connect6"], 10) },
            "socket load balancing",
            FeatureState.NotEffective,
            "2 of 10 programs were detached from cgroup '/cg' (dp_connect4, dp_connect6): the dials that they are for are not served; start again");
    }

    [Test]
    public void Other_datapaths_at_the_cgroup_are_told_and_one_that_nobody_manages_is_in_the_way()
    {
        var above = new OtherDatapath("/cg/..", CgroupPlace.Above, 7);
        var below = new OtherDatapath("/cg/a", CgroupPlace.Below, 0) { BpfRoot = "/sys/fs/bpf/b", Manager = 8 };
        AssertIs(
            s_plain with { Others = [above, below, below with { BpfRoot = null }] },
            "socket load balancing",
            FeatureState.On,
            "10 programs at cgroup '/cg'; a datapath of process 7 serves '/cg/..' above it; a datapath of process 8, with pins in '/sys/fs/bpf/b', serves '/cg/a' below it; "
            + "a datapath of another process serves '/cg/a' below it");
        AssertIs(
            s_plain with { Others = [new("/cg", CgroupPlace.Same, 7) { BpfRoot = "/sys/fs/bpf/b" }] },
            "socket load balancing",
            FeatureState.NotEffective,
            "10 programs at cgroup '/cg'; a datapath that no process manages serves it too, with pins in '/sys/fs/bpf/b', by what it was told last; to remove it: "
            + "datapath-agent uninstall --bpf-root /sys/fs/bpf/b; where both have a service, the one that was attached first goes first");
    }

    [Test]
    public void The_host_alone_is_served_by_its_network_namespace() => AssertIs(
        With(new() { HostNamespaceOnly = true, HostNetworkNamespace = "/proc/1/ns/net" }),
        "host namespace only",
        FeatureState.On,
        "socketLB:hostNamespaceOnly is set: programs in network namespace '/proc/1/ns/net' are served, others' dials are left as they are");

    [Test]
    public void Redirects_are_counted_and_so_are_those_for_some_clients()
    {
        AssertIs(s_plain with { Policies = 1 }, "local redirect", FeatureState.On, "1 policy in force; all clients are treated alike");
        AssertIs(
            s_plain with { Policies = 2, Traits = new() { WithClients = 1 } },
            "local redirect",
            FeatureState.On,
            "2 policies in force; 1 frontend or range with other backends for some clients, told by network namespace");
        AssertIs(
            s_plain with { Policies = 2, Traits = new() { WithClients = 3, WithCgroups = 1 } },
            "local redirect",
            FeatureState.On,
            "2 policies in force; 3 frontends or ranges with other backends for some clients, told by network namespace or, in 1 of them on the host's network, by cgroup");
    }

    [Test]
    public void A_redirect_that_is_not_as_asked_is_told()
    {
        AssertIs(
            s_plain with { Policies = 3, UnappliedPolicies = 1 },
            "local redirect",
            FeatureState.NotEffective,
            "2 policies in force, 1 not as asked: what was not applied says why; all clients are treated alike");
        AssertIs(
            s_plain with { IsAdopted = true },
            "local redirect",
            FeatureState.On,
            "what an earlier process left stays in force until a sync for which every input could be taken in; of its policies nothing is known");
    }

    [Test]
    public void Session_affinity_tells_who_is_a_client_and_whether_there_is_room()
    {
        var sticky = With(new() { MaxStickyClients = 7 }) with { Traits = new() { Sticky = 2 }, StickyClients = 6 };
        AssertIs(
            sticky,
            "session affinity",
            FeatureState.On,
            "2 frontends; a client is a network namespace; all programs in the host's are one, without sessionAffinity:byCgroup; 6 of 7 clients known");
        AssertIs(
            sticky with { Options = sticky.Options with { AffinityByCgroup = true }, StickyClients = 7 },
            "session affinity",
            FeatureState.On,
            "2 frontends; a client is a network namespace or, in the host's, a cgroup (sessionAffinity:byCgroup); 7 of 7 clients known: "
            + "full, who did not dial for longest is forgotten; raise maxStickyClients");
    }

    [Test]
    public void What_options_switch_says_by_which()
    {
        AssertIs(
            With(new() { BindProtection = false }),
            "bind protection",
            FeatureState.Off,
            "nodePort:bindProtection is not set: programs may listen where services are served, and get no dials of this machine there");
        AssertIs(s_plain, "connect-time fallback", FeatureState.Off, "socketLB:connectFallback is 0");
        AssertIs(
            With(new() { ConnectFallback = TimeSpan.FromSeconds(30) }) with { Traits = new() { FallingBack = 4 } },
            "connect-time fallback",
            FeatureState.On,
            "socketLB:connectFallback: a backend that did not take a connection is passed over for 30 s; 4 frontends with a choice");
        AssertIs(
            s_plain with { Traits = new() { NodePorts = 2 } },
            "node ports at loopback",
            FeatureState.On,
            "2 ports of the node that programs of the host reach at 127.0.0.0/8 and ::1 too");
    }

    [Test]
    public void Bind_protection_whose_programs_were_detached_has_no_effect()
    {
        var detached = s_plain with { DetachedBindPrograms = ["dp_post_bind4", "dp_post_bind6"] };
        AssertIs(
            detached,
            "bind protection",
            FeatureState.NotEffective,
            "its programs were detached, or their cgroup was removed (dp_post_bind4, dp_post_bind6): programs of the host may listen where services are served; start again");
        AssertIs(detached with { Options = new() { BindProtection = false } }, "bind protection", FeatureState.Off, "nodePort:bindProtection is not set: programs may listen where services are served, and get no dials of this machine there");
    }

    [Test]
    public void Who_is_left_alone_is_counted_and_who_was_not_found_too()
    {
        var exempt = With(new() { ExemptCgroups = ["/a", "/b"], ExemptNetworkNamespaces = ["/n"] }) with { ExemptPods = 3 };
        AssertIs(exempt, "exemptions", FeatureState.On, "left alone are 2 cgroups and 1 network namespace of the configuration and 3 pods");
        AssertIs(
            exempt with { MissingExemptPods = 1 },
            "exemptions",
            FeatureState.NotEffective,
            "left alone are 2 cgroups and 1 network namespace of the configuration and 2 pods, but 1 more pod cannot be told from others; what was not applied says why");
    }

    [TestCase(true, false, StaleTcpPolicy.WhenBackendIsGone, "iterators find and end them (bpf_sock_destroy); TCP connections too, when no frontend has their backend any more (staleTcp)")]
    [TestCase(true, true, StaleTcpPolicy.Always, "iterators find them and sock_diag ends them, as was asked for; TCP connections too, whenever their frontend leads elsewhere (staleTcp)")]
    [TestCase(false, false, StaleTcpPolicy.Never, "iterators find them and sock_diag ends them, since programs of this kernel cannot; those of Linux 6.5 can; TCP connections stay (staleTcp)")]
    public void How_stale_sockets_are_ended_depends_on_the_kernel(bool canEnd, bool byNetlink, StaleTcpPolicy tcp, string reason) => AssertIs(
        With(new() { EndsSocketsByNetlink = byNetlink, StaleTcp = tcp }) with { CanProgramsEndSockets = canEnd }, "stale sockets", FeatureState.On, reason);

    [Test]
    public void Stale_sockets_stay_where_the_kernel_lacks_types_or_refuses()
    {
        AssertIs(
            s_plain with { CanProgramsEndSockets = null },
            "stale sockets",
            FeatureState.Unavailable,
            "sockets whose backend leaves stay connected: this kernel has no /sys/kernel/btf/vmlinux; one with CONFIG_DEBUG_INFO_BTF has");
        AssertIs(
            s_plain with { ScanFailure = "load program: EPERM" },
            "stale sockets",
            FeatureState.NotEffective,
            "the last walk over the sockets failed, so they stay connected: load program: EPERM");
    }

    [Test]
    public void Who_listens_is_named() => AssertIs(
        s_plain with { Listener = 42 }, "dial monitor", FeatureState.On, "process 42 listens; 1048576 bytes for dials that it has not read (monitor:bufferSize)");

    [Test]
    public void What_survives_the_process_depends_on_its_lifetime_and_its_pins()
    {
        AssertIs(s_plain, "adoption", FeatureState.On, "lifetime is pinned: what is in the kernel goes on without the process, and the next one at '/sys/fs/bpf/datapath' takes it over");
        AssertIs(With(new() { Lifetime = DatapathLifetime.Process }), "adoption", FeatureState.Off, "lifetime is process: what is in the kernel ends with the process");
        AssertIs(s_plain with { PinFaults = ["the pins are gone"] }, "adoption", FeatureState.NotEffective, "the pins are gone");
    }

    private static (FeatureState State, string Reason) Of(FeatureFacts facts, string name)
    {
        var feature = FeatureList.Of(facts).Single(f => f.Name == name);
        return (feature.State, feature.Reason);
    }

    private static void AssertIs(FeatureFacts facts, string name, FeatureState state, string reason) => Assert.That(Of(facts, name), Is.EqualTo((state, reason)));
}
