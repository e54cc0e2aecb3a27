using Datapath.Linux;
using Datapath.Linux.Bpf;
using Datapath.Linux.Cgroups;

namespace Datapath.Kernel.Tests.Lab;

/// <summary>Asks the kernel which programs are attached to a cgroup.</summary>
internal static class CgroupPrograms
{
    public static int Count(Cgroup cgroup, AttachType hook)
    {
        using var directory = cgroup.OpenHandle();
        using var lease = new FdLease(directory);
        var attr = new ProgQueryAttr { TargetFd = lease.Fd, AttachType = (uint)hook };
        LinuxException.ThrowIfFailed(Libc.Bpf(BpfCommand.ProgQuery, ref attr), $"query the programs of cgroup '{cgroup.Path}'");
        return (int)attr.ProgCount;
    }
}
