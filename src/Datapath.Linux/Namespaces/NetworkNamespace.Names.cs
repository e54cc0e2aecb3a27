using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Datapath.Linux.Namespaces;

public sealed partial class NetworkNamespace
{
    /// <summary>Where names of network namespaces are, as ip-netns(8) and others have it: each a file with a namespace mounted on it.</summary>
    public const string NamesFolder = "/run/netns";

    private const uint FolderMode = 0x1ed; // rwxr-xr-x

    // Whoever makes a name holds the lock of the folder for two system calls; but anybody who may read the folder can hold it.
    private static readonly TimeSpan s_lockTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_lockPause = TimeSpan.FromMilliseconds(5);

    /// <summary>Makes a new namespace that has a name: it stays until the name is deleted, also without this object and this process.</summary>
    /// <param name="name">The name, a file name.</param>
    /// <param name="options">How it is set up; <see langword="null"/> means the defaults.</param>
    /// <exception cref="LinuxException">The name is taken (EEXIST), or see <see cref="Create"/>.</exception>
    public static NetworkNamespace CreateNamed(string name, NetworkNamespaceOptions? options = null)
    {
        _ = PathOf(name);
        var created = Create(options);
        try
        {
            created.AddName(name);
            return created;
        }
        catch
        {
            created.Dispose();
            throw;
        }
    }

    /// <summary>Opens the namespace of a name.</summary>
    /// <param name="name">The name, a file name.</param>
    /// <exception cref="LinuxException">There is none (ENOENT), or the name has no namespace (any more).</exception>
    public static NetworkNamespace OpenNamed(string name) => Open(PathOf(name));

    /// <summary>The names that have a namespace, in the order of their characters; none if nobody has ever made one.</summary>
    /// <exception cref="LinuxException">procfs is not mounted.</exception>
    public static IReadOnlyList<string> ListNames() =>
        [
            .. NetworkNamespaceInfo.ReadMounts().Where(static mount => IsName(mount.Path) && IsAt(mount.Path, mount.Inode))
                .Select(static mount => Path.GetFileName(mount.Path)).Distinct().Order(StringComparer.Ordinal),
        ];

    /// <summary>Deletes a name. The namespace goes when nothing else holds it.</summary>
    /// <param name="name">The name, a file name.</param>
    /// <returns><see langword="false"/> if there is no such name.</returns>
    /// <exception cref="LinuxException">Not allowed (EPERM).</exception>
    public static bool DeleteName(string name)
    {
        var path = PathOf(name);
        while (Libc.umount2(path, Libc.MNT_DETACH | Libc.UMOUNT_NOFOLLOW) == 0)
        {
            // Some tools mount a second time above the first. What a symbolic link leads to is none of ours.
        }

        var errno = (Errno)Marshal.GetLastPInvokeError();
        if (errno is Errno.ENOENT)
            return false;
        if (errno is not Errno.EINVAL) // nothing is mounted any more
            throw Failed($"unmount '{path}'", errno);
        errno = Libc.unlink(path) < 0 ? (Errno)Marshal.GetLastPInvokeError() : Errno.None;
        if (errno is Errno.ENOENT)
            return false;
        LinuxException.ThrowIfFailed(errno, $"delete '{path}'");
        return true;
    }

    /// <summary>Gives this namespace a name, or one more: it then stays until all its names are deleted.</summary>
    /// <param name="name">The name, a file name.</param>
    /// <exception cref="LinuxException">
    /// The name is taken (EEXIST), not allowed (EPERM), or another process holds the lock of <see cref="NamesFolder"/> for long (EAGAIN).
    /// </exception>
    public void AddName(string name)
    {
        var path = PathOf(name);
        EnsureNamesFolder(s_lockTimeout);
        using (var file = Libc.open_new(path, Libc.O_CREAT | Libc.O_EXCL | Libc.O_CLOEXEC, mode: 0))
            LinuxException.ThrowIfFailed(file.IsInvalid ? (Errno)Marshal.GetLastPInvokeError() : Errno.None, $"create '{path}'");
        using var lease = new FdLease(Handle);
        if (Libc.mount($"/proc/self/fd/{lease.Fd}", path, "none", Libc.MS_BIND, data: null) < 0)
        {
            var errno = (Errno)Marshal.GetLastPInvokeError();
            _ = Libc.unlink(path);
            throw Failed($"mount network namespace {this} on '{path}'", errno);
        }
    }

    private static string PathOf(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name is "." or ".." || name.AsSpan().ContainsAny('/', '\0') || Encoding.UTF8.GetByteCount(name) > 255)
            throw new ArgumentException($"'{name}' is not a file name", nameof(name));
        return $"{NamesFolder}/{name}";
    }

    // "/var/run" is "/run" on all systems that we know of, so mounts are listed below the latter.
    private static bool IsName(string path) => path.StartsWith(NamesFolder + "/", StringComparison.Ordinal) && path.LastIndexOf('/') == NamesFolder.Length;

    // What another mount covers is not there for who looks, even if there is a file of that name.
    private static bool IsAt(string path, ulong inode)
    {
        var errno = KernelFile.TryOpen(path, Libc.O_RDONLY | Libc.O_NONBLOCK, out var file);
        using (file)
            return errno is Errno.None && Libc.GetInode(file, out var there) is Errno.None && there == inode;
    }

    // The folder is a mount of its own whose mounts spread to other mount namespaces: else a service that was started before could neither
    // see a new name nor would it let an old one go.
    internal static void EnsureNamesFolder(TimeSpan timeout)
    {
        var errno = Libc.make_directory(NamesFolder, FolderMode) < 0 ? (Errno)Marshal.GetLastPInvokeError() : Errno.None;
        if (errno is not Errno.EEXIST)
            LinuxException.ThrowIfFailed(errno, $"make folder '{NamesFolder}'");
        LinuxException.ThrowIfFailed(KernelFile.TryOpen(NamesFolder, Libc.O_RDONLY, out var folder), $"open '{NamesFolder}'");
        using (folder)
        {
            Lock(folder, timeout); // as ip-netns(8) does, so that only one of several mounts
            if (Libc.mount("none", NamesFolder, "none", Libc.MS_SHARED | Libc.MS_REC, data: null) == 0)
                return;
            errno = (Errno)Marshal.GetLastPInvokeError();
            if (errno is Errno.EINVAL) // not a mount yet
            {
                errno = Libc.mount(NamesFolder, NamesFolder, "none", Libc.MS_BIND | Libc.MS_REC, data: null) < 0
                    || Libc.mount("none", NamesFolder, "none", Libc.MS_SHARED | Libc.MS_REC, data: null) < 0
                        ? (Errno)Marshal.GetLastPInvokeError()
                        : Errno.None;
            }

            if (errno is not Errno.None)
                throw Failed($"mount '{NamesFolder}'", errno);
        }
    }

    // flock(2) itself knows no limit, so it is asked again and again.
    private static void Lock(SafeFileHandle folder, TimeSpan timeout)
    {
        var start = Stopwatch.GetTimestamp();
        while (Libc.flock(folder, Libc.LOCK_EX | Libc.LOCK_NB) < 0)
        {
            var errno = (Errno)Marshal.GetLastPInvokeError();
            if (errno is not (Errno.EAGAIN or Errno.EINTR))
                throw new LinuxException($"lock '{NamesFolder}'", errno);
            if (Stopwatch.GetElapsedTime(start) > timeout)
                throw new LinuxException($"lock '{NamesFolder}'", errno, "another process holds the lock");
            Thread.Sleep(s_lockPause);
        }
    }
}
