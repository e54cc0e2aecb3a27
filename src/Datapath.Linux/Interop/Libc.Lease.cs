using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Datapath.Linux;

internal static partial class Libc
{
    internal const int F_SETSIG = 10;
    internal const int F_SETLEASE = 1024;
    internal const int F_RDLCK = 0;
    internal const int F_UNLCK = 2;
    internal const int SIGURG = 23;

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    internal static partial int fcntl_file(SafeFileHandle fd, int command, int argument);
}
