using Microsoft.Win32.SafeHandles;

namespace Datapath.Linux.Cgroups;

/// <summary>Looks whether a cgroup is still where it was opened, without keeping it or its mount busy.</summary>
internal static class CgroupDirectory
{
    extension(Cgroup cgroup)
    {
        /// <summary>
        /// Whether it is; <see langword="null"/> if that cannot be told, since its mount is not there any more. The kernel tells this at once, while it lets go of the links of a removed
        /// cgroup a moment later.
        /// </summary>
        public bool? IsThere
        {
            get
            {
                for (var path = Path.GetFullPath(cgroup.Path); path is not null; path = Path.GetDirectoryName(path))
                {
                    using var handle = TryOpen(path, out var errno);
                    if (errno is Errno.ENOENT or Errno.ENOTDIR)
                        continue; // whoever removes a cgroup may remove those above it, too
                    if (errno is not Errno.None || !IsOnCgroup2(handle))
                        return null;
                    return Libc.GetInode(handle, out var id) is Errno.None ? id == cgroup.Id : null;
                }

                return null;
            }
        }
    }

    /// <summary>Whether a directory is a cgroup v2.</summary>
    public static bool IsCgroup(string path)
    {
        using var handle = TryOpen(path, out var errno);
        return errno is Errno.None && IsOnCgroup2(handle);
    }

    private static SafeFileHandle TryOpen(string path, out Errno errno)
    {
        errno = KernelFile.TryOpen(Path.Combine(path, "."), Libc.O_RDONLY, out var handle);
        return handle;
    }

    private static bool IsOnCgroup2(SafeFileHandle handle) => Libc.GetFileSystemType(handle, out var type) is Errno.None && type == Libc.CGROUP2_SUPER_MAGIC;
}
