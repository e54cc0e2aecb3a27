using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Datapath.Linux;

internal static unsafe partial class Libc
{
    internal const int EPOLL_CLOEXEC = 0x80000;
    internal const int EPOLL_CTL_ADD = 1;
    internal const int EPOLL_CTL_DEL = 2;
    internal const int EPOLL_CTL_MOD = 3;
    internal const uint EPOLLIN = 0x1;
    internal const uint EPOLLONESHOT = 1U << 30;

    /// <summary>Bytes of struct epoll_event: x64 packs it, other architectures align its second field.</summary>
    internal static readonly int EpollEventSize = RuntimeInformation.ProcessArchitecture is Architecture.X64 ? 12 : 16;

    /// <summary>Where the caller's own number stands in struct epoll_event.</summary>
    internal static readonly int EpollEventData = RuntimeInformation.ProcessArchitecture is Architecture.X64 ? 4 : 8;

    [LibraryImport("libc", SetLastError = true)]
    internal static partial SafeFileHandle epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int epoll_ctl(SafeFileHandle epoll, int operation, int fd, byte* change);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int epoll_wait(SafeFileHandle epoll, byte* events, int maxEvents, int timeout);
}
