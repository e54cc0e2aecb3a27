using System.Runtime.InteropServices;

namespace Datapath.Bench.Interop;

/// <summary>
/// The system calls of the loops that are measured. None of them waits here (the peer answers within the call, on the same CPU), so the
/// runtime need not be told that the thread is away: that would cost more than the differences that are looked for.
/// </summary>
internal static unsafe partial class Libc
{
    public const int AF_INET = 2;
    public const int AF_INET6 = 10;
    public const int SOCK_STREAM = 1;
    public const int SOCK_DGRAM = 2;
    public const int SOCK_NONBLOCK = 0x800;
    public const int SOCK_CLOEXEC = 0x80000;
    public const int SOL_IP = 0;
    public const int IP_PKTINFO = 8;
    public const int SOL_SOCKET = 1;
    public const int SO_REUSEADDR = 2;
    public const int SO_RCVBUF = 8;
    public const int SO_LINGER = 13;
    public const int SYS_bpf_x64 = 321;
    public const int SYS_bpf_arm64 = 280;

    [LibraryImport("libc"), SuppressGCTransition]
    public static partial int socket(int domain, int type, int protocol);

    [LibraryImport("libc"), SuppressGCTransition]
    public static partial int close(int fd);

    [LibraryImport("libc"), SuppressGCTransition]
    public static partial int connect(int fd, void* name, uint length);

    [LibraryImport("libc"), SuppressGCTransition]
    public static partial int accept4(int fd, void* name, uint* length, int flags);

    [LibraryImport("libc"), SuppressGCTransition]
    public static partial nint sendto(int fd, void* data, nuint length, int flags, void* name, uint nameLength);

    [LibraryImport("libc"), SuppressGCTransition]
    public static partial nint recvfrom(int fd, void* data, nuint length, int flags, void* name, uint* nameLength);

    [LibraryImport("libc"), SuppressGCTransition]
    public static partial nint recvmsg(int fd, MessageHeader* message, int flags);

    [LibraryImport("libc"), SuppressGCTransition]
    public static partial nint sendmsg(int fd, MessageHeader* message, int flags);

    [LibraryImport("libc"), SuppressGCTransition]
    public static partial int getpeername(int fd, void* name, uint* length);

    [LibraryImport("libc"), SuppressGCTransition]
    public static partial int setsockopt(int fd, int level, int option, void* value, uint length);

    [LibraryImport("libc"), SuppressGCTransition]
    public static partial int clock_gettime(int clock, long* time);

    [LibraryImport("libc")]
    public static partial int bind(int fd, void* name, uint length);

    [LibraryImport("libc")]
    public static partial int listen(int fd, int backlog);

    [LibraryImport("libc")]
    public static partial int sched_setaffinity(int pid, nuint size, ulong* mask);

    [LibraryImport("libc")]
    public static partial int ioctl(int fd, nuint request, void* argument);

    [LibraryImport("libc")]
    public static partial uint geteuid();

    [LibraryImport("libc")]
    public static partial nint syscall(nint number, nint command, void* attributes, nint size);

    /// <summary>What a call has returned, or the end of the benchmark: a loop that fails measures nothing.</summary>
    /// <exception cref="BenchException">The result says that the call failed.</exception>
    public static nint Check(nint result, string call) =>
        result >= 0 ? result : throw new BenchException($"{call}: {(Linux.Errno)Marshal.GetLastSystemError()}");
}

/// <summary><c>struct msghdr</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct MessageHeader
{
    public void* Name;
    public uint NameLength;
    public InputVector* Vectors;
    public nuint VectorCount;
    public void* Control;
    public nuint ControlLength;
    public int Flags;
}

/// <summary><c>struct iovec</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct InputVector
{
    public void* Data;
    public nuint Length;
}
