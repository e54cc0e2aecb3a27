using System.Runtime.InteropServices;
using Datapath.Linux.Netlink;
using Microsoft.Win32.SafeHandles;

namespace Datapath.Linux.Namespaces;

/// <summary>
/// A network namespace, kept alive by an open descriptor. The kernel removes one (with its virtual interfaces) once nobody holds it: no
/// descriptor, no process or thread inside, no socket made inside, no bind mount.
/// </summary>
/// <remarks>
/// <para>A namespace belongs to a thread, not to a process: <see cref="Run{T}"/> works on a thread that is inside for as long as the call lasts.
/// After an <see langword="await"/> code is on another thread, and so in another namespace.</para>
/// <para>A socket keeps the namespace in which it was made. So it is enough to make sockets inside; they may then be used anywhere, also
/// asynchronously.</para>
/// <para>Creating and entering need CAP_SYS_ADMIN. Safe for use by several threads. Minimum kernel: 4.11; <see cref="Cookie"/> 5.14.</para>
/// </remarks>
public sealed partial class NetworkNamespace : IDisposable
{
    private readonly Lazy<ulong> _cookie;

    private NetworkNamespace(SafeFileHandle handle, ulong inode)
    {
        (Handle, Inode) = (handle, inode);
        _cookie = new(() => Run(ReadCookie), LazyThreadSafetyMode.PublicationOnly);
    }

    /// <summary>The open nsfs file, for calls that take a namespace by descriptor. Closed by <see cref="Dispose"/>.</summary>
    public SafeFileHandle Handle { get; }

    /// <summary>The inode number, as in <c>net:[4026531833]</c>. Unique among namespaces that live, but used again later.</summary>
    public ulong Inode { get; }

    /// <summary>The number that the kernel's bpf_get_netns_cookie() gives for it; never used again until the machine restarts.</summary>
    /// <exception cref="LinuxException">The namespace cannot be entered, or the kernel is older than 5.14.</exception>
    public ulong Cookie => _cookie.Value;

    /// <summary>Makes a new namespace. It has no name and is gone once it is disposed and no socket or process is left inside.</summary>
    /// <param name="options">How it is set up; <see langword="null"/> means the defaults.</param>
    /// <exception cref="LinuxException">Not allowed (EPERM), or the limit of user.max_net_namespaces is reached (ENOSPC).</exception>
    public static NetworkNamespace Create(NetworkNamespaceOptions? options = null) => DedicatedThread.Run(() =>
    {
        if (Libc.unshare(Libc.CLONE_NEWNET) < 0)
            throw Failed("create a network namespace", (Errno)Marshal.GetLastPInvokeError());
        var created = OpenCurrent();
        try
        {
            if ((options ?? new()).LoopbackUp)
            {
                using var route = new RouteNetlink();
                route.SetLinkUp(route.GetLink("lo").Index);
            }

            return created;
        }
        catch
        {
            created.Dispose();
            throw;
        }
    });

    /// <summary>Opens the namespace of the calling thread.</summary>
    /// <exception cref="LinuxException">procfs is not mounted, or no descriptor is left.</exception>
    public static NetworkNamespace OpenCurrent() => Open("/proc/thread-self/ns/net");

    /// <summary>Opens the namespace of a process.</summary>
    /// <param name="processId">The process, as this process sees its number.</param>
    /// <exception cref="LinuxException">There is no such process (ENOENT), or it may not be looked at (EACCES).</exception>
    public static NetworkNamespace OpenProcess(int processId)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(processId);
        return Open($"/proc/{processId}/ns/net");
    }

    /// <summary>Opens a namespace by path.</summary>
    /// <param name="path">For example <c>/run/netns/blue</c> or <c>/proc/1234/ns/net</c>.</param>
    /// <exception cref="LinuxException">There is nothing, it may not be opened, or it is not a network namespace.</exception>
    public static NetworkNamespace Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        LinuxException.ThrowIfFailed(KernelFile.TryOpen(path, Libc.O_RDONLY, out var handle), $"open network namespace '{path}'");
        try
        {
            // A plain file gives ENOTTY; so does what is left of a name in /run/netns when its mount is gone.
            var type = Libc.ioctl_ns(handle, Libc.NS_GET_NSTYPE);
            if (type != Libc.CLONE_NEWNET)
            {
                var errno = type < 0 ? (Errno)Marshal.GetLastPInvokeError() : Errno.EINVAL;
                throw new LinuxException($"open network namespace '{path}'", errno, "it is not a network namespace");
            }

            LinuxException.ThrowIfFailed(Libc.GetInode(handle, out var inode), $"read the inode of '{path}'");
            return new(handle, inode);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Opens a netlink socket inside, for interfaces, addresses and routes. It keeps the namespace alive until it is disposed.</summary>
    /// <exception cref="LinuxException">The namespace cannot be entered.</exception>
    public RouteNetlink OpenRouteNetlink() => Run(static () => new RouteNetlink());

    /// <summary>Begins to watch what changes inside. The watcher keeps the namespace alive until it is disposed.</summary>
    /// <param name="changes">What to tell of.</param>
    /// <param name="options">How; <see langword="null"/> means the defaults.</param>
    /// <exception cref="LinuxException">The namespace cannot be entered, or the kernel refused the socket.</exception>
    public NetworkWatcher OpenNetworkWatcher(NetworkChanges changes, NetworkWatcherOptions? options = null) => Run(() => new NetworkWatcher(changes, options));

    /// <summary>Opens a look at the TCP and UDP sockets inside. It keeps the namespace alive until it is disposed.</summary>
    /// <exception cref="LinuxException">The namespace cannot be entered.</exception>
    public SocketDiagnostics OpenSocketDiagnostics() => Run(static () => new SocketDiagnostics());

    /// <summary>Closes the descriptor. What runs inside goes on; nothing new can be run.</summary>
    public void Dispose() => Handle.Dispose();

    /// <summary><c>net:[inode]</c>, as /proc shows it.</summary>
    public override string ToString() => $"net:[{Inode}]";

    /// <summary>
    /// Takes a descriptor of its own of a namespace that some other part of this process has open under a number. That may be closed at any time and the
    /// number stand for something else, so what it stands for is looked at after it can no longer change.
    /// </summary>
    /// <returns><see langword="null"/>: it is no longer that namespace.</returns>
    internal static NetworkNamespace? TryDuplicate(int number, ulong inode)
    {
        var handle = new SafeFileHandle(Libc.fcntl(number, Libc.F_DUPFD_CLOEXEC, 0), ownsHandle: true);
        if (!handle.IsInvalid && Libc.GetFileSystemType(handle, out var type) is Errno.None && type is Libc.NSFS_MAGIC
            && Libc.GetInode(handle, out var found) is Errno.None && found == inode)
        {
            return new(handle, inode);
        }

        handle.Dispose();
        return null;
    }

    private static LinuxException Failed(string operation, Errno errno) => errno is Errno.EPERM
        ? LinuxException.Refusal(operation, errno, LinuxCapabilities.SysAdmin)
        : new(operation, errno, errno is Errno.ENOSPC ? "the limit in /proc/sys/user/max_net_namespaces is reached" : null);
}
