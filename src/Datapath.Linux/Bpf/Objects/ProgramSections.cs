using System.Collections.Immutable;
using Datapath.Linux.Elf;

namespace Datapath.Linux.Bpf;

/// <summary>What a section's name says of the programs in it. The names are those of libbpf, so that existing sources need no change.</summary>
internal static class ProgramSections
{
    private static readonly ImmutableArray<ProgramSection> s_sections =
    [
        new("cgroup/connect4", ProgramType.CgroupSockAddr, AttachType.CgroupInet4Connect),
        new("cgroup/connect6", ProgramType.CgroupSockAddr, AttachType.CgroupInet6Connect),
        new("cgroup/bind4", ProgramType.CgroupSockAddr, AttachType.CgroupInet4Bind),
        new("cgroup/bind6", ProgramType.CgroupSockAddr, AttachType.CgroupInet6Bind),
        new("cgroup/sendmsg4", ProgramType.CgroupSockAddr, AttachType.CgroupUdp4Sendmsg),
        new("cgroup/sendmsg6", ProgramType.CgroupSockAddr, AttachType.CgroupUdp6Sendmsg),
        new("cgroup/recvmsg4", ProgramType.CgroupSockAddr, AttachType.CgroupUdp4Recvmsg),
        new("cgroup/recvmsg6", ProgramType.CgroupSockAddr, AttachType.CgroupUdp6Recvmsg),
        new("cgroup/getpeername4", ProgramType.CgroupSockAddr, AttachType.CgroupInet4GetPeername),
        new("cgroup/getpeername6", ProgramType.CgroupSockAddr, AttachType.CgroupInet6GetPeername),
        new("cgroup/getsockname4", ProgramType.CgroupSockAddr, AttachType.CgroupInet4GetSockname),
        new("cgroup/getsockname6", ProgramType.CgroupSockAddr, AttachType.CgroupInet6GetSockname),
        new("cgroup/connect_unix", ProgramType.CgroupSockAddr, AttachType.CgroupUnixConnect),
        new("cgroup/sendmsg_unix", ProgramType.CgroupSockAddr, AttachType.CgroupUnixSendmsg),
        new("cgroup/recvmsg_unix", ProgramType.CgroupSockAddr, AttachType.CgroupUnixRecvmsg),
        new("cgroup/getpeername_unix", ProgramType.CgroupSockAddr, AttachType.CgroupUnixGetPeername),
        new("cgroup/getsockname_unix", ProgramType.CgroupSockAddr, AttachType.CgroupUnixGetSockname),
        new("cgroup/sock", ProgramType.CgroupSock, AttachType.CgroupInetSockCreate),
        new("cgroup/sock_create", ProgramType.CgroupSock, AttachType.CgroupInetSockCreate),
        new("cgroup/sock_release", ProgramType.CgroupSock, AttachType.CgroupInetSockRelease),
        new("cgroup/post_bind4", ProgramType.CgroupSock, AttachType.CgroupInet4PostBind),
        new("cgroup/post_bind6", ProgramType.CgroupSock, AttachType.CgroupInet6PostBind),
        new("cgroup/skb", ProgramType.CgroupSkb),
        new("cgroup_skb/ingress", ProgramType.CgroupSkb, AttachType.CgroupInetIngress),
        new("cgroup_skb/egress", ProgramType.CgroupSkb, AttachType.CgroupInetEgress),
        new("cgroup/dev", ProgramType.CgroupDevice, AttachType.CgroupDevice),
        new("cgroup/sysctl", ProgramType.CgroupSysctl, AttachType.CgroupSysctl),
        new("cgroup/getsockopt", ProgramType.CgroupSockOption, AttachType.CgroupGetSockOption),
        new("cgroup/setsockopt", ProgramType.CgroupSockOption, AttachType.CgroupSetSockOption),
        new("sockops", ProgramType.SockOps, AttachType.CgroupSockOps),
        new("socket", ProgramType.SocketFilter),
        new("sk_skb", ProgramType.SkSkb),
        new("sk_skb/stream_parser", ProgramType.SkSkb, AttachType.SkSkbStreamParser),
        new("sk_skb/stream_verdict", ProgramType.SkSkb, AttachType.SkSkbStreamVerdict),
        new("sk_skb/verdict", ProgramType.SkSkb, AttachType.SkSkbVerdict),
        new("sk_msg", ProgramType.SkMsg, AttachType.SkMsgVerdict),
        new("sk_reuseport", ProgramType.SkReusePort, AttachType.SkReusePortSelect),
        new("sk_reuseport/migrate", ProgramType.SkReusePort, AttachType.SkReusePortSelectOrMigrate),
        new("lwt_in", ProgramType.LwtIn),
        new("lwt_out", ProgramType.LwtOut),
        new("lwt_xmit", ProgramType.LwtXmit),
        new("lwt_seg6local", ProgramType.LwtSeg6Local),
        new("action", ProgramType.SchedAction),
        new("tc", ProgramType.SchedClassifier),
        new("classifier", ProgramType.SchedClassifier),
        new("tc/ingress", ProgramType.SchedClassifier, AttachType.TcxIngress),
        new("tc/egress", ProgramType.SchedClassifier, AttachType.TcxEgress),
        new("tcx/ingress", ProgramType.SchedClassifier, AttachType.TcxIngress),
        new("tcx/egress", ProgramType.SchedClassifier, AttachType.TcxEgress),
        new("netkit/primary", ProgramType.SchedClassifier, AttachType.NetkitPrimary),
        new("netkit/peer", ProgramType.SchedClassifier, AttachType.NetkitPeer),
        new("xdp", ProgramType.Xdp, AttachType.Xdp),
        new("xdp.frags", ProgramType.Xdp, AttachType.Xdp, ProgramFlags.HasFragments),
        new("xdp/devmap", ProgramType.Xdp, AttachType.XdpDevMap),
        new("xdp.frags/devmap", ProgramType.Xdp, AttachType.XdpDevMap, ProgramFlags.HasFragments),
        new("xdp/cpumap", ProgramType.Xdp, AttachType.XdpCpuMap),
        new("xdp.frags/cpumap", ProgramType.Xdp, AttachType.XdpCpuMap, ProgramFlags.HasFragments),
        new("iter", ProgramType.Tracing, AttachType.TraceIterator, Target: ProgramTarget.Needed),
        new("iter.s", ProgramType.Tracing, AttachType.TraceIterator, ProgramFlags.Sleepable, ProgramTarget.Needed),
        new("sk_lookup", ProgramType.SkLookup, AttachType.SkLookup),
        new("flow_dissector", ProgramType.FlowDissector, AttachType.FlowDissector),
        new("netfilter", ProgramType.Netfilter, AttachType.Netfilter),
        new("tracepoint", ProgramType.Tracepoint, Target: ProgramTarget.Optional),
        new("tp", ProgramType.Tracepoint, Target: ProgramTarget.Optional),
        new("raw_tracepoint", ProgramType.RawTracepoint, Target: ProgramTarget.Optional),
        new("raw_tp", ProgramType.RawTracepoint, Target: ProgramTarget.Optional),
        new("raw_tracepoint.w", ProgramType.RawTracepointWritable, Target: ProgramTarget.Optional),
        new("raw_tp.w", ProgramType.RawTracepointWritable, Target: ProgramTarget.Optional),
        new("tp_btf", ProgramType.Tracing, AttachType.TraceRawTracepoint, Target: ProgramTarget.Needed),
        new("kprobe", ProgramType.Kprobe, Target: ProgramTarget.Optional),
        new("kretprobe", ProgramType.Kprobe, Target: ProgramTarget.Optional),
        new("kprobe.multi", ProgramType.Kprobe, AttachType.TraceKprobeMulti, Target: ProgramTarget.Optional),
        new("kretprobe.multi", ProgramType.Kprobe, AttachType.TraceKprobeMulti, Target: ProgramTarget.Optional),
        new("kprobe.session", ProgramType.Kprobe, AttachType.TraceKprobeSession, Target: ProgramTarget.Optional),
        new("ksyscall", ProgramType.Kprobe, Target: ProgramTarget.Optional),
        new("kretsyscall", ProgramType.Kprobe, Target: ProgramTarget.Optional),
        new("uprobe", ProgramType.Kprobe, Target: ProgramTarget.Optional),
        new("uprobe.s", ProgramType.Kprobe, Flags: ProgramFlags.Sleepable, Target: ProgramTarget.Optional),
        new("uretprobe", ProgramType.Kprobe, Target: ProgramTarget.Optional),
        new("uretprobe.s", ProgramType.Kprobe, Flags: ProgramFlags.Sleepable, Target: ProgramTarget.Optional),
        new("uprobe.multi", ProgramType.Kprobe, AttachType.TraceUprobeMulti, Target: ProgramTarget.Optional),
        new("uprobe.multi.s", ProgramType.Kprobe, AttachType.TraceUprobeMulti, ProgramFlags.Sleepable, ProgramTarget.Optional),
        new("uretprobe.multi", ProgramType.Kprobe, AttachType.TraceUprobeMulti, Target: ProgramTarget.Optional),
        new("uretprobe.multi.s", ProgramType.Kprobe, AttachType.TraceUprobeMulti, ProgramFlags.Sleepable, ProgramTarget.Optional),
        new("uprobe.session", ProgramType.Kprobe, AttachType.TraceUprobeSession, Target: ProgramTarget.Optional),
        new("uprobe.session.s", ProgramType.Kprobe, AttachType.TraceUprobeSession, ProgramFlags.Sleepable, ProgramTarget.Optional),
        new("usdt", ProgramType.Kprobe, Target: ProgramTarget.Optional),
        new("usdt.s", ProgramType.Kprobe, Flags: ProgramFlags.Sleepable, Target: ProgramTarget.Optional),
        new("fentry", ProgramType.Tracing, AttachType.TraceFunctionEntry, Target: ProgramTarget.Needed),
        new("fentry.s", ProgramType.Tracing, AttachType.TraceFunctionEntry, ProgramFlags.Sleepable, ProgramTarget.Needed),
        new("fexit", ProgramType.Tracing, AttachType.TraceFunctionExit, Target: ProgramTarget.Needed),
        new("fexit.s", ProgramType.Tracing, AttachType.TraceFunctionExit, ProgramFlags.Sleepable, ProgramTarget.Needed),
        new("fmod_ret", ProgramType.Tracing, AttachType.ModifyReturn, Target: ProgramTarget.Needed),
        new("fmod_ret.s", ProgramType.Tracing, AttachType.ModifyReturn, ProgramFlags.Sleepable, ProgramTarget.Needed),
        new("freplace", ProgramType.Extension, Target: ProgramTarget.Optional),
        new("lsm", ProgramType.Lsm, AttachType.LsmMac, Target: ProgramTarget.Needed),
        new("lsm.s", ProgramType.Lsm, AttachType.LsmMac, ProgramFlags.Sleepable, ProgramTarget.Needed),
        new("lsm_cgroup", ProgramType.Lsm, AttachType.LsmCgroup, Target: ProgramTarget.Needed),
        new("lirc_mode2", ProgramType.LircMode2, AttachType.LircMode2),
        new("perf_event", ProgramType.PerfEvent),
        new("syscall", ProgramType.Syscall, Flags: ProgramFlags.Sleepable), // the kernel takes no other
    ];

    private static readonly ProgramSection s_unknown = new("", ProgramType.Unspecified);

    /// <summary>The kind of a section's programs; one without a type if the name is none of a program.</summary>
    /// <param name="name">The section, without the <c>?</c> of programs that are not loaded unless asked for.</param>
    /// <param name="target">What the name says after the kind, for example <c>syscalls/sys_enter_openat</c>; empty if it says nothing.</param>
    public static ProgramSection Find(string name, out string target)
    {
        foreach (var section in s_sections)
        {
            if (name == section.Name && section.Target is not ProgramTarget.Needed)
            {
                target = "";
                return section;
            }

            if (section.Target is not ProgramTarget.None && name.Length > section.Name.Length + 1
                && name.StartsWith(section.Name, StringComparison.Ordinal) && name[section.Name.Length] == '/')
            {
                target = name[(section.Name.Length + 1)..];
                return section;
            }
        }

        target = "";
        return s_unknown;
    }

    /// <summary>Throws if a program that is to be loaded has no kind.</summary>
    /// <exception cref="InvalidBpfObjectException">The name of its section is none of a program, and nobody set its type.</exception>
    public static void ThrowIfUnknown(IEnumerable<ProgramSpec> programs)
    {
        var unknown = programs
            .Where(static p => p.IsEnabled && p.Type is ProgramType.Unspecified)
            .OrderBy(static p => p.Name, StringComparer.Ordinal)
            .FirstOrDefault();
        if (unknown is null)
            return;
        var known = s_sections.Select(static s => s.Target is ProgramTarget.None ? s.Name : s.Name + "/<name>").Order(StringComparer.Ordinal);
        throw new InvalidBpfObjectException(
            $"program '{unknown.Name}': section '{unknown.SectionName}' is no known program; set the program's type or do not enable it; "
            + $"known are {string.Join(", ", known)}");
    }
}

/// <summary>A kind of programs by the name of their section.</summary>
/// <param name="Name">The name, or its part before the target.</param>
/// <param name="Type">The kind.</param>
/// <param name="Hook">The hook; null for a kind that is made for no certain hook.</param>
/// <param name="Flags">What the kernel must know of the programs.</param>
/// <param name="Target">Whether a slash and a target follow.</param>
internal sealed record ProgramSection(
    string Name, ProgramType Type, AttachType? Hook = null, ProgramFlags Flags = ProgramFlags.None, ProgramTarget Target = ProgramTarget.None);

/// <summary>Whether the name of a section goes on with what its programs are for.</summary>
internal enum ProgramTarget
{
    None,
    Optional,
    Needed,
}
