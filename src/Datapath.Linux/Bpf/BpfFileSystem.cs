using System.Runtime.InteropServices;

namespace Datapath.Linux.Bpf;

/// <summary>The bpf filesystem, where pinned maps, programs and links live.</summary>
/// <remarks>Minimum kernel: 4.4.</remarks>
public static class BpfFileSystem
{
    /// <summary>Where systems mount it.</summary>
    public const string DefaultMountPoint = "/sys/fs/bpf";

    /// <summary><c>BPF_FS_MAGIC</c>.</summary>
    private const ulong Magic = 0xcafe4a11;

    /// <summary>
    /// Makes a folder on a bpf filesystem. If the folder lies below <see cref="DefaultMountPoint"/> and nothing is mounted there yet, mounts
    /// the filesystem there.
    /// </summary>
    /// <param name="path">An absolute path, for example <c>/sys/fs/bpf/datapath</c>.</param>
    /// <exception cref="ArgumentException">The path is not absolute.</exception>
    /// <exception cref="LinuxException">The path is not on a bpf filesystem and none may be mounted, or the folder cannot be made. The message says what to do.</exception>
    public static void CreateDirectory(string path)
    {
        path = FullPathOf(path);
        EnsureMounted(path);
        foreach (var folder in MissingFolders(path))
        {
            var errno = Libc.make_directory(folder, Libc.S_IRWXU) < 0 ? (Errno)Marshal.GetLastPInvokeError() : Errno.None;
            if (errno is not Errno.EEXIST) // somebody else was quicker
                LinuxException.ThrowIfFailed(errno, $"make folder '{folder}' on the bpf filesystem");
        }
    }

    /// <summary>Whether a path exists and lies on a bpf filesystem.</summary>
    /// <param name="path">An absolute path.</param>
    public static bool Contains(string path) => TryGetType(path, out var type) is Errno.None && type == Magic;

    /// <summary>
    /// Whether <see cref="CreateDirectory"/> may make a folder there: the path lies on a bpf filesystem, or below <see cref="DefaultMountPoint"/> while nothing is mounted there. Nothing is made or mounted;
    /// what this process may not look at counts as such a place.
    /// </summary>
    /// <param name="path">An absolute path; there need not be anything.</param>
    /// <exception cref="ArgumentException">The path is not absolute.</exception>
    public static bool CanContain(string path)
    {
        path = FullPathOf(path);
        return FindType(path, out var type) is Errno.EACCES or Errno.EPERM || type == Magic || IsToBeMountedFor(path);
    }

    /// <summary>Whether a path is <see cref="DefaultMountPoint"/> itself, in which all programs of the machine have their folders.</summary>
    internal static bool IsDefaultMountPoint(string path) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)) == DefaultMountPoint;

    // "/sys/fs/bpf/.." is not below /sys/fs/bpf
    private static string FullPathOf(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Path.IsPathFullyQualified(path) ? Path.GetFullPath(path) : throw new ArgumentException($"'{path}' is not an absolute path", nameof(path));
    }

    private static void EnsureMounted(string path)
    {
        var errno = FindType(path, out var type);
        if (errno is Errno.EACCES or Errno.EPERM)
            throw new LinuxException($"use '{path}' for pinned state", errno, "needs root");
        if (errno is Errno.None && type == Magic)
            return;
        if (!IsToBeMountedFor(path))
        {
            throw new LinuxException($"use '{path}' for pinned state", Errno.EINVAL, $"it is not on a bpf filesystem; choose a folder below {DefaultMountPoint}");
        }

        if (!Directory.Exists(DefaultMountPoint))
        {
            throw new LinuxException(
                $"use '{path}' for pinned state", Errno.ENOENT, $"{DefaultMountPoint} does not exist: sysfs is not mounted, or this kernel was built without CONFIG_BPF_SYSCALL");
        }

        if (Libc.mount("bpf", DefaultMountPoint, "bpf", 0, "mode=0700") < 0)
        {
            throw new LinuxException(
                $"mount the bpf filesystem on {DefaultMountPoint}",
                (Errno)Marshal.GetLastPInvokeError(),
                $"it is not mounted and this process may not mount it (CAP_SYS_ADMIN); run: mount -t bpf bpf {DefaultMountPoint}; in a container, mount the host's {DefaultMountPoint} into it");
        }
    }

    // Never over one that is there: that would hide all pins of the machine.
    private static bool IsToBeMountedFor(string path) => IsBelow(path, DefaultMountPoint) && !Contains(DefaultMountPoint);

    /// <summary>The type of the filesystem that a path is on, or would be.</summary>
    private static Errno FindType(string path, out ulong type)
    {
        while (!Directory.Exists(path))
            path = Path.GetDirectoryName(path) ?? "/";
        return TryGetType(path, out type);
    }

    private static Errno TryGetType(string path, out ulong type)
    {
        type = 0;
        var errno = KernelFile.TryOpen(path, Libc.O_RDONLY, out var handle);
        using (handle)
            return errno is Errno.None ? Libc.GetFileSystemType(handle, out type) : errno;
    }

    private static bool IsBelow(string path, string folder) =>
        path == folder || path.StartsWith(folder + '/', StringComparison.Ordinal);

    private static Stack<string> MissingFolders(string path)
    {
        var missing = new Stack<string>();
        for (var folder = path.TrimEnd('/'); !Directory.Exists(folder); folder = Path.GetDirectoryName(folder)!)
            missing.Push(folder);
        return missing;
    }
}
