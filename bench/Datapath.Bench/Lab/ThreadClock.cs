using Datapath.Bench.Interop;

namespace Datapath.Bench.Lab;

/// <summary>The processor time of this thread, calls of the kernel included: other work on the machine does not count.</summary>
internal static unsafe class ThreadClock
{
    private const int ThreadCpuTime = 3; // CLOCK_THREAD_CPUTIME_ID

    public static long Nanoseconds
    {
        get
        {
            var time = stackalloc long[2];
            _ = Libc.Check(Libc.clock_gettime(ThreadCpuTime, time), "clock_gettime");
            return (time[0] * 1_000_000_000) + time[1];
        }
    }
}
