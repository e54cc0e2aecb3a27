using System.Collections.Immutable;

namespace Datapath.Linux.Services;

/// <summary>The parts of a datapath, how they stand and why, for people.</summary>
internal static class FeatureList
{
    public static ImmutableArray<FeatureStatus> Of(FeatureFacts facts) =>
    [
        SocketLoadBalancing(facts),
        HostNamespaceOnly(facts.Options),
        LocalRedirect(facts),
        SessionAffinity(facts),
        BindProtection(facts),
        ConnectFallback(facts),
        NodePortsAtLoopback(facts),
        Exemptions(facts),
        StaleSockets(facts),
        DialMonitor(facts),
        Adoption(facts),
    ];

    private static FeatureStatus SocketLoadBalancing(FeatureFacts facts)
    {
        if (facts.HookFault is { } fault)
            return Ineffective("socket load balancing", fault);
        var served = string.Join("; ", facts.Others.Select(static other => other.ToString()).Prepend($"{Count(facts.Hooks, "program")} at cgroup '{facts.Cgroup}'"));
        if (facts.Others.Any(static other => other.Place is CgroupPlace.Same))
            served += "; where both have a service, the one that was attached first goes first";
        return facts.Others.Any(static other => other is { Place: CgroupPlace.Same, IsLeft: true }) ? Ineffective("socket load balancing", served) : On("socket load balancing", served);
    }

    private static FeatureStatus HostNamespaceOnly(LinuxDatapathOptions options) => options.HostNamespaceOnly
        ? On("host namespace only", $"socketLB:hostNamespaceOnly is set: programs in network namespace '{options.HostNetworkNamespace}' are served, others' dials are left as they are")
        : Off("host namespace only", "socketLB:hostNamespaceOnly is not set: programs in all network namespaces are served");

    private static FeatureStatus LocalRedirect(FeatureFacts facts)
    {
        if (facts is { Policies: 0, IsAdopted: true })
            return On("local redirect", "what an earlier process left stays in force until a sync for which every input could be taken in; of its policies nothing is known");
        if (facts.Policies == 0)
            return Off("local redirect", "no redirect policy is in force: there is none, none has effect, or localRedirectPolicies:enabled is not set");
        var clients = facts.Traits switch
        {
            { WithClients: 0 } => "all clients are treated alike",
            { WithCgroups: 0 } traits => $"{Count(traits.WithClients, "frontend or range")} with other backends for some clients, told by network namespace",
            var traits => $"{Count(traits.WithClients, "frontend or range")} with other backends for some clients, told by network namespace or, in {traits.WithCgroups} of them on the host's network, by cgroup",
        };
        var applied = facts.Policies - facts.UnappliedPolicies;
        return facts.UnappliedPolicies == 0
            ? On("local redirect", $"{Count(applied, "policy")} in force; {clients}")
            : Ineffective("local redirect", $"{Count(applied, "policy")} in force, {facts.UnappliedPolicies} not as asked: what was not applied says why; {clients}");
    }

    private static FeatureStatus SessionAffinity(FeatureFacts facts)
    {
        if (facts.Traits.Sticky == 0)
            return Off("session affinity", "no service in force asks for it");
        var client = facts.Options.AffinityByCgroup
            ? "a client is a network namespace or, in the host's, a cgroup (sessionAffinity:byCgroup)"
            : "a client is a network namespace; all programs in the host's are one, without sessionAffinity:byCgroup";
        var (known, most) = (facts.StickyClients, facts.Options.MaxStickyClients);
        var room = known < most ? "" : ": full, who did not dial for longest is forgotten; raise maxStickyClients";
        return On("session affinity", $"{Count(facts.Traits.Sticky, "frontend")}; {client}; {known} of {most} clients known{room}");
    }

    private static FeatureStatus BindProtection(FeatureFacts facts) => (facts.Options.BindProtection, facts.DetachedBindPrograms) switch
    {
        (false, _) => Off("bind protection", "nodePort:bindProtection is not set: programs may listen where services are served, and get no dials of this machine there"),
        (true, [_, ..] detached) => Ineffective(
            "bind protection", $"its programs were detached, or their cgroup was removed ({string.Join(", ", detached)}): programs of the host may listen where services are served; start again"),
        (true, []) => On("bind protection", "nodePort:bindProtection is set: programs of the host cannot listen where a node port, load balancer or external IP is served"),
    };

    private static FeatureStatus ConnectFallback(FeatureFacts facts) => facts.Options.ConnectFallback == TimeSpan.Zero
        ? Off("connect-time fallback", "socketLB:connectFallback is 0")
        : On("connect-time fallback", $"socketLB:connectFallback: a backend that did not take a connection is passed over for {facts.Options.ConnectFallback.TotalSeconds:0.###} s; {Count(facts.Traits.FallingBack, "frontend")} with a choice");

    private static FeatureStatus NodePortsAtLoopback(FeatureFacts facts) => facts.Traits.NodePorts == 0
        ? Off("node ports at loopback", "no node port or host port is in force")
        : On("node ports at loopback", $"{Count(facts.Traits.NodePorts, "port")} of the node that programs of the host reach at 127.0.0.0/8 and ::1 too");

    private static FeatureStatus Exemptions(FeatureFacts facts)
    {
        var (cgroups, namespaces) = (facts.Options.ExemptCgroups.Length, facts.Options.ExemptNetworkNamespaces.Length);
        var found = facts.ExemptPods - facts.MissingExemptPods;
        if (cgroups + namespaces + facts.ExemptPods == 0)
            return Off("exemptions", "nobody's dials are left alone: socketLB:exemptCgroups and socketLB:exemptNetworkNamespaces are empty, and no pod asks for it");
        var exempt = $"left alone are {Count(cgroups, "cgroup")} and {Count(namespaces, "network namespace")} of the configuration and {Count(found, "pod")}";
        return facts.MissingExemptPods == 0
            ? On("exemptions", exempt)
            : Ineffective("exemptions", $"{exempt}, but {Count(facts.MissingExemptPods, "more pod")} cannot be told from others; what was not applied says why");
    }

    private static FeatureStatus StaleSockets(FeatureFacts facts)
    {
        if (facts.CanProgramsEndSockets is not { } canEnd)
            return Unavailable("stale sockets", "sockets whose backend leaves stay connected: this kernel has no /sys/kernel/btf/vmlinux; one with CONFIG_DEBUG_INFO_BTF has");
        var tcp = facts.Options.StaleTcp switch
        {
            StaleTcpPolicy.Always => "TCP connections too, whenever their frontend leads elsewhere (staleTcp)",
            StaleTcpPolicy.Never => "TCP connections stay (staleTcp)",
            _ => "TCP connections too, when no frontend has their backend any more (staleTcp)",
        };
        var how = (canEnd, facts.Options.EndsSocketsByNetlink) switch
        {
            (false, _) => "iterators find them and sock_diag ends them, since programs of this kernel cannot; those of Linux 6.5 can",
            (_, true) => "iterators find them and sock_diag ends them, as was asked for",
            _ => "iterators find and end them (bpf_sock_destroy)",
        };
        return facts.ScanFailure is { } failure
            ? Ineffective("stale sockets", $"the last walk over the sockets failed, so they stay connected: {failure}")
            : On("stale sockets", $"{how}; {tcp}");
    }

    private static FeatureStatus DialMonitor(FeatureFacts facts) => facts.Listener is { } pid
        ? On("dial monitor", $"process {pid} listens; {facts.Options.TraceBufferSize} bytes for dials that it has not read (monitor:bufferSize)")
        : Off("dial monitor", "nobody listens, so dials cost nothing for it; `monitor` does");

    private static FeatureStatus Adoption(FeatureFacts facts) => (facts.Options.Lifetime, facts.PinFaults) switch
    {
        (not DatapathLifetime.Pinned, _) => Off("adoption", "lifetime is process: what is in the kernel ends with the process"),
        (_, [var fault, ..]) => Ineffective("adoption", fault),
        _ => On("adoption", $"lifetime is pinned: what is in the kernel goes on without the process, and the next one at '{facts.Options.BpfRoot}' takes it over"),
    };

    private static string Count(int number, string what) => number == 1 ? $"1 {what}" : what switch
    {
        "policy" => $"{number} policies",
        "frontend or range" => $"{number} frontends or ranges",
        _ => $"{number} {what}s",
    };

    private static FeatureStatus On(string name, string reason) => new(name, FeatureState.On, reason);

    private static FeatureStatus Off(string name, string reason) => new(name, FeatureState.Off, reason);

    private static FeatureStatus Ineffective(string name, string reason) => new(name, FeatureState.NotEffective, reason);

    private static FeatureStatus Unavailable(string name, string reason) => new(name, FeatureState.Unavailable, reason);
}
