using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Datapath.Bench.Interop;

namespace Datapath.Bench.Lab;

/// <summary>Runs code on a thread that stays on one CPU, and ends with the code: affinity belongs to a thread.</summary>
internal static class PinnedThread
{
    public static void Run(int cpu, Action action)
    {
        ExceptionDispatchInfo? failed = null;
        var thread = new Thread(() =>
        {
            try
            {
                PinTo(cpu);
                action();
            }
            catch (Exception e)
            {
                failed = ExceptionDispatchInfo.Capture(e);
            }
        });
        thread.Start();
        thread.Join();
        failed?.Throw();
    }

    /// <summary>Keeps the calling thread on one CPU for good.</summary>
    public static unsafe void PinTo(int cpu)
    {
        if (cpu is < 0 or > 63)
            throw new BenchException($"--cpu: {cpu} is none of 0 to 63");
        var mask = 1UL << cpu;
        if (Libc.sched_setaffinity(0, sizeof(ulong), &mask) < 0)
            throw new BenchException($"--cpu: cannot run on CPU {cpu}: {(Linux.Errno)Marshal.GetLastSystemError()}");
    }
}
