using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Datapath.Linux;

internal static unsafe partial class Libc
{
    internal const nuint PERF_EVENT_IOC_SET_BPF = 0x40042408; // since Linux 4.1
    internal const ulong PERF_BIT_FREQUENCY = 1 << 10; // of perf_event_attr: the period is a frequency
    private const nint PERF_FLAG_FD_CLOEXEC = 8;

    private static nint PerfEventOpenNumber => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 298,
        Architecture.Arm64 => 241,
        var other => throw new PlatformNotSupportedException($"perf_event_open(2) is known here for x64 and arm64, not for {other}"),
    };

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint syscall_perf_event_open(nint number, PerfEventAttr* attr, nint thread, nint cpu, nint group, nint flags);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    internal static partial int ioctl_perf(SafeFileHandle fd, nuint request, nint argument);

    /// <summary>Opens an event, which counts from now on.</summary>
    /// <param name="attr">What to count; the size is set here.</param>
    /// <param name="thread">A thread, 0 for the calling one, -1 for all on the CPU.</param>
    /// <param name="cpu">A CPU, -1 for all that the thread runs on.</param>
    /// <param name="handle">The event.</param>
    internal static Errno PerfEventOpen(PerfEventAttr attr, int thread, int cpu, out SafeFileHandle handle)
    {
        attr.Size = PerfEventAttr.FirstSize;
        nint fd;
        Errno errno;
        do
        {
            fd = syscall_perf_event_open(PerfEventOpenNumber, &attr, thread, cpu, group: -1, PERF_FLAG_FD_CLOEXEC);
            errno = fd < 0 ? (Errno)Marshal.GetLastPInvokeError() : Errno.None;
        }
        while (errno is Errno.EINTR);

        handle = new(fd, ownsHandle: true);
        return errno;
    }
}
