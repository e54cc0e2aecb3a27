using System.Collections.Immutable;

namespace Datapath.Linux.Cgroups;

/// <summary>Finds the cgroup v2 hierarchy, also on hosts that mount it beside cgroup v1.</summary>
/// <remarks>Minimum kernel: 4.5.</remarks>
public static class Cgroup2
{
    private const string Find = "find the cgroup v2 hierarchy";

    /// <summary>Finds the mount of the hierarchy: the whole one if this process sees it, otherwise the part that it sees.</summary>
    /// <exception cref="CgroupNotFoundException">cgroup v2 is not mounted.</exception>
    /// <exception cref="LinuxException">The mounts of this process cannot be read.</exception>
    public static CgroupMount FindMount() => SelectMount(MountInfo.ReadCurrent(), IsHierarchyRoot);

    /// <summary>Finds the cgroup v2 of this process, as its cgroup namespace names it: <c>/</c>, <c>/system.slice/x.service</c>, ...</summary>
    /// <exception cref="CgroupNotFoundException">The kernel has no cgroup v2.</exception>
    public static string GetCurrentPath() => ParseOwnPath(KernelFile.Read("/proc/self/cgroup"));

    /// <summary>Opens the cgroup v2 of this process.</summary>
    /// <exception cref="CgroupNotFoundException">cgroup v2 is not mounted, or the mount does not show this process's cgroup.</exception>
    public static Cgroup OpenCurrent() => Cgroup.Open(Locate(FindMount(), GetCurrentPath()));

    /// <summary>Finds the cgroup of an id, as bpf_get_current_cgroup_id() and links give it.</summary>
    /// <param name="id">The id (<see cref="Cgroup.Id"/>).</param>
    /// <returns>The cgroup, or <see langword="null"/> if there is none, or none that the mount shows.</returns>
    /// <exception cref="CgroupNotFoundException">cgroup v2 is not mounted.</exception>
    /// <exception cref="LinuxException">The kernel refused: EPERM without CAP_DAC_READ_SEARCH.</exception>
    public static Cgroup? FindById(ulong id)
    {
        using var mount = FindMount().OpenRoot().OpenHandle();
        var errno = Libc.OpenKernfsInode(mount, id, out var handle);
        using (handle)
        {
            if (errno is Errno.ESTALE)
                return null;
            LinuxException.ThrowIfFailed(errno, $"open cgroup {id}");
            using var lease = new FdLease(handle);

            // The kernel names it as the mount shows it; what is deleted or above the mount has another name or none.
            var path = new FileInfo($"/proc/self/fd/{lease.Fd}").LinkTarget;
            return path is not null && Directory.Exists(path) && Cgroup.Open(path) is var cgroup && cgroup.Id == id ? cgroup : null;
        }
    }

    /// <summary>Chooses among mounts; <paramref name="isHierarchyRoot"/> says of a mount point whether it shows the root of all.</summary>
    internal static CgroupMount SelectMount(ImmutableArray<MountInfo> mounts, Func<string, bool> isHierarchyRoot)
    {
        // Of several mounts on one place the last one is seen.
        var visible = mounts.Reverse().DistinctBy(static mount => mount.MountPoint).Where(static mount => mount.FileSystemType is "cgroup2");
        var candidates = visible
            .OrderBy(static mount => mount.Root is not "/")
            .ThenBy(static mount => mount.MountPoint.Length)
            .ThenBy(static mount => mount.MountPoint, StringComparer.Ordinal)
            .ToList();
        if (candidates.Count == 0)
        {
            throw new CgroupNotFoundException(Find, mounts.Any(static mount => mount.FileSystemType is "cgroup")
                ? "only cgroup v1 is mounted; mount v2 beside it with: mkdir /sys/fs/cgroup/unified && mount -t cgroup2 none /sys/fs/cgroup/unified"
                : "it is not mounted; mount it with: mount -t cgroup2 none /sys/fs/cgroup. In a container, mount that directory of the host");
        }

        // In a cgroup namespace "/" is only the container's own root, while a directory of the host shows as "/../.."; so ask each.
        var whole = candidates.Find(mount => isHierarchyRoot(mount.MountPoint));
        var chosen = whole ?? candidates[0];
        return new(chosen.MountPoint, chosen.Root, IsWholeHierarchy: whole is not null);
    }

    /// <summary>Reads the line <c>0::/path</c> of /proc/PID/cgroup; the others are of cgroup v1.</summary>
    internal static string ParseOwnPath(string text)
    {
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (line.StartsWith("0::/", StringComparison.Ordinal))
                return line[3..].ToString();
        }

        throw new CgroupNotFoundException("find the cgroup v2 of this process", "/proc/self/cgroup has no line '0::', so the kernel has no cgroup v2 (CONFIG_CGROUPS)");
    }

    /// <summary>The directory, below a mount, of a cgroup named as /proc/PID/cgroup names it.</summary>
    internal static string Locate(CgroupMount mount, string path)
    {
        const string Deleted = " (deleted)";
        if (path.EndsWith(Deleted, StringComparison.Ordinal))
            throw new CgroupNotFoundException($"open cgroup '{path[..^Deleted.Length]}'", "it was deleted while processes were inside");
        var root = mount.Root is "/" ? "" : mount.Root;
        if (path == mount.Root)
            return mount.Path;
        if (!path.StartsWith(root + "/", StringComparison.Ordinal))
        {
            throw new CgroupNotFoundException(
                $"open cgroup '{path}'", $"'{mount.Path}' shows only what is below '{mount.Root}'; in a container, mount /sys/fs/cgroup of the host");
        }

        return mount.Path.TrimEnd('/') + path[root.Length..];
    }

    // The kernel puts cgroup.type into every cgroup (since Linux 4.14) except the root of all.
    private static bool IsHierarchyRoot(string mountPoint) =>
        File.Exists(Path.Combine(mountPoint, "cgroup.procs")) && !File.Exists(Path.Combine(mountPoint, "cgroup.type"));
}
