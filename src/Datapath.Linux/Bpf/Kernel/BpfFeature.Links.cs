namespace Datapath.Linux.Bpf;

public sealed unsafe partial class BpfFeature
{
    /// <summary>Programs in order at an interface (<see cref="TcxLink"/>), Linux 6.6.</summary>
    public static BpfFeature Tcx { get; } = new("tcx", "6.6", static () => InterfaceIsLookedFor(AttachType.TcxIngress));

    /// <summary>Programs at netkit devices (<see cref="NetkitLink"/>), Linux 6.7, built with <c>CONFIG_NETKIT</c>.</summary>
    public static BpfFeature Netkit { get; } = new("netkit devices (CONFIG_NETKIT)", "6.7", static () => InterfaceIsLookedFor(AttachType.NetkitPrimary));

    /// <summary>XDP by a link (<see cref="Bpf.XdpLink"/>), Linux 5.9.</summary>
    public static BpfFeature XdpLink { get; } = new("XDP links", "5.9", static () =>
    {
        // The loopback, which every network namespace has under this number, is no hardware that could run a program: a kernel that knows such
        // links says so, another that the call is invalid, as it would for an interface that there is not.
        const uint Loopback = 1;
        const uint InHardware = 8; // XDP_FLAGS_HW_MODE
        return LinkIsRefused(
            ProgramType.Xdp,
            AttachType.Xdp,
            new() { TargetFd = Loopback, AttachType = (uint)AttachType.Xdp, Flags = InHardware },
            static errno => errno is Errno.EOPNOTSUPP or Errno.EBUSY or Errno.EEXIST);
    });

    /// <summary>Programs at netfilter hooks (<see cref="Bpf.NetfilterLink"/>), Linux 6.4.</summary>
    public static BpfFeature NetfilterLink { get; } = new("netfilter programs", "6.4", static () => ProgramLoads(
        AttachType.Netfilter, [], ProgramType.Netfilter));

    /// <summary>Fragments joined before a netfilter program sees them (<see cref="NetfilterLinkOptions.Defragment"/>), Linux 6.6.</summary>
    public static BpfFeature NetfilterDefragmentation { get; } = new("fragments joined for netfilter programs", "6.6", static () =>
    {
        // There is no such family: a kernel that knows the flag gets as far as that.
        const uint NoFamily = 255;
        return LinkIsRefused(
            ProgramType.Netfilter,
            AttachType.Netfilter,
            new() { AttachType = (uint)AttachType.Netfilter, NetfilterFamily = NoFamily, NetfilterFlags = Bpf.NetfilterLink.JoinFragments },
            static errno => errno is Errno.EAFNOSUPPORT);
    });

    /// <summary>Detaching the program of a link that others hold (<see cref="BpfLink.Detach"/>), Linux 5.9.</summary>
    public static BpfFeature LinkDetach { get; } = new("detaching by a link", "5.9", static () =>
    {
        var attr = new LinkDetachAttr { LinkFd = uint.MaxValue };
        return Known(Libc.Bpf(BpfCommand.LinkDetach, ref attr));
    });

    /// <summary>Walks over objects of the kernel (<see cref="BpfIterator"/>), Linux 5.8.</summary>
    public static BpfFeature Iterator { get; } = new("iterators", "5.8", static () =>
    {
        var attr = new IterCreateAttr { LinkFd = uint.MaxValue };
        return Known(Libc.Bpf(BpfCommand.IterCreate, ref attr));
    });

    /// <summary>Programs that user space calls (<see cref="ProgramType.Syscall"/>), Linux 5.14.</summary>
    public static BpfFeature SyscallProgram { get; } = new("syscall programs", "5.14", static () => ProgramLoads(
        default, [], ProgramType.Syscall, ProgramFlags.Sleepable));

    /// <summary>XDP programs for packets of several pages (<see cref="ProgramFlags.HasFragments"/>), Linux 5.18.</summary>
    public static BpfFeature XdpFragments { get; } = new("XDP fragments", "5.18", static () => ProgramLoads(
        default, [], ProgramType.Xdp, ProgramFlags.HasFragments));

    // No interface has this number: a kernel that knows the hook looks for it.
    private static bool? InterfaceIsLookedFor(AttachType hook)
    {
        var attr = new ProgQueryAttr { TargetFd = int.MaxValue, AttachType = (uint)hook };
        return Libc.Bpf(BpfCommand.ProgQuery, ref attr) switch
        {
            Errno.ENODEV => true,
            Errno.EINVAL => false,
            _ => null,
        };
    }

    // No descriptor: a kernel that knows the command complains about it.
    private static bool? Known(Errno errno) => errno switch
    {
        Errno.EBADF => true,
        Errno.EINVAL => false,
        _ => null,
    };
}
