namespace Datapath.Linux.Cgroups;

/// <summary>Where the cgroup v2 hierarchy is mounted.</summary>
/// <param name="Path">The mount point, such as <c>/sys/fs/cgroup</c>, or <c>/sys/fs/cgroup/unified</c> beside cgroup v1.</param>
/// <param name="Root">
/// The cgroup at the mount point, as the cgroup namespace of this process names it: <c>/</c> is the root of that namespace.
/// </param>
/// <param name="IsWholeHierarchy">
/// Whether every process of the machine is somewhere below. <see langword="false"/> in a container that sees its own part only: what is
/// attached at the mount point then does not concern processes outside.
/// </param>
/// <remarks>Minimum kernel: 4.5.</remarks>
public sealed record CgroupMount(string Path, string Root, bool IsWholeHierarchy)
{
    /// <summary>Opens the cgroup at the mount point.</summary>
    /// <exception cref="LinuxException">It cannot be opened.</exception>
    public Cgroup OpenRoot() => Cgroup.Open(Path);
}
