using System.Runtime.InteropServices;

namespace Datapath.Linux.Namespaces;

public sealed partial class NetworkNamespace
{
    // The namespace in which Run has put this thread; 0 on all other threads.
    [ThreadStatic]
    private static ulong t_inside;

    /// <summary>
    /// Runs <paramref name="function"/> inside and waits for it. It runs on a thread of its own that enters the namespace and ends with the
    /// call, or in place if the calling thread is inside already.
    /// </summary>
    /// <remarks>
    /// Calls do not wait for each other. Everything in <paramref name="function"/> must be synchronous: what follows an
    /// <see langword="await"/> runs outside. Async-local values flow in, and an exception comes out with its stack.
    /// </remarks>
    /// <returns>What <paramref name="function"/> returned.</returns>
    /// <exception cref="LinuxException">The namespace cannot be entered (EPERM without CAP_SYS_ADMIN).</exception>
    /// <exception cref="ObjectDisposedException">The namespace is disposed.</exception>
    public T Run<T>(Func<T> function)
    {
        ArgumentNullException.ThrowIfNull(function);
        ObjectDisposedException.ThrowIf(Handle.IsClosed, this);
        if (t_inside == Inode)
            return function(); // the thread holds its namespace, so the inode cannot be another's
        return DedicatedThread.Run(() =>
        {
            if (Libc.setns(Handle, Libc.CLONE_NEWNET) < 0)
                throw Failed($"enter network namespace {this}", (Errno)Marshal.GetLastPInvokeError());
            t_inside = Inode;
            return function();
        });
    }

    /// <inheritdoc cref="Run{T}"/>
    public void Run(Action action)
    {
        ArgumentNullException.ThrowIfNull(action);
        Run(() =>
        {
            action();
            return true;
        });
    }

    private static unsafe ulong ReadCookie()
    {
        using var socket = Libc.socket(Libc.AF_UNIX, Libc.SOCK_DGRAM | Libc.SOCK_CLOEXEC, 0);
        if (socket.IsInvalid)
            LinuxException.ThrowIfFailed((Errno)Marshal.GetLastPInvokeError(), "open a socket to read the cookie of its network namespace");
        ulong cookie;
        uint length = sizeof(ulong);
        if (Libc.getsockopt(socket, Libc.SOL_SOCKET, Libc.SO_NETNS_COOKIE, &cookie, &length) < 0)
            throw new LinuxException("read the cookie of a network namespace", (Errno)Marshal.GetLastPInvokeError(), "needs Linux 5.14");
        return cookie;
    }
}
