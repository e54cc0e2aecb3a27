namespace Datapath.Linux.Cgroups;

/// <summary>The cgroup v2 hierarchy, or a cgroup in it, is not where it must be. The message says what is missing and what to do.</summary>
/// <remarks>Minimum kernel: none.</remarks>
public sealed class CgroupNotFoundException : LinuxException
{
    internal CgroupNotFoundException(string operation, string reason)
        : base(operation, Errno.ENOENT, reason)
    {
    }
}
