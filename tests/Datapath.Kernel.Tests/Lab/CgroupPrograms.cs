using Datapath.Linux.Bpf;
using Datapath.Linux.Cgroups;

namespace Datapath.Kernel.Tests.Lab;

/// <summary>Asks the kernel which programs are attached to a cgroup.</summary>
internal static class CgroupPrograms
{
    /// <summary>How many there are, at all hooks of cgroups together but those of unix sockets, which are younger than some kernels.</summary>
    public static int Count(Cgroup cgroup) => Enum.GetValues<AttachType>()
        .Where(static hook => hook.ToString().StartsWith("Cgroup", StringComparison.Ordinal) && !hook.ToString().StartsWith("CgroupUnix", StringComparison.Ordinal))
        .Sum(hook => AttachedCgroupPrograms.Query(cgroup, hook).ProgramIds.Length);
}
