using System.Runtime.InteropServices;

namespace Datapath.Linux.Services;

/// <summary>How long the current thread has run on a processor, in user space and in the kernel: on a busy machine, much less than the clock on the wall says.</summary>
internal static class ThreadTime
{
    public static unsafe TimeSpan Now
    {
        get
        {
            Timespec time;
            if (Libc.clock_gettime(Libc.CLOCK_THREAD_CPUTIME_ID, &time) < 0)
                LinuxException.ThrowIfFailed((Errno)Marshal.GetLastPInvokeError(), "read the time of the current thread");
            return TimeSpan.FromSeconds(time.Seconds) + TimeSpan.FromMicroseconds(time.Nanoseconds / 1000.0);
        }
    }
}
