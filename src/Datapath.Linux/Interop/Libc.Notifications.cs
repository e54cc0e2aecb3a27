using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Datapath.Linux;

internal static unsafe partial class Libc
{
    internal const int MSG_DONTWAIT = 0x40;
    internal const int SO_RCVBUF = 8;
    internal const int SO_RCVTIMEO = 20;
    internal const int SO_RCVBUFFORCE = 33;

    /// <summary>socket(2) for a socket that .NET's own event loop is to wait for.</summary>
    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    internal static partial SafeSocketHandle socket_awaited(int domain, int type, int protocol);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int bind(SafeSocketHandle socket, void* address, uint addressLength);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int setsockopt(SafeSocketHandle socket, int level, int name, void* value, uint length);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial nint recvfrom(SafeSocketHandle socket, void* data, nuint length, int flags, void* address, uint* addressLength);
}

/// <summary>struct timeval of 64-bit Linux.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TimeVal
{
    public long Seconds;
    public long Microseconds;
}
