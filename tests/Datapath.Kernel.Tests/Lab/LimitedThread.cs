using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Datapath.Linux;

namespace Datapath.Kernel.Tests.Lab;

/// <summary>Runs code with few capabilities. They belong to threads: this one ends right after, the others keep theirs.</summary>
internal static unsafe partial class LimitedThread
{
    public static void Run(LinuxCapabilities capabilities, Action action) => Run(_ => (ulong)capabilities, action);

    /// <summary>Runs code with all that this thread may do, except for some.</summary>
    public static void RunWithout(LinuxCapabilities capabilities, Action action) => Run(held => held & ~(ulong)capabilities, action);

    private static void Run(Func<ulong, ulong> choose, Action action)
    {
        ExceptionDispatchInfo? failed = null;
        var thread = new Thread(() =>
        {
            try
            {
                Keep(choose);
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

    private static void Keep(Func<ulong, ulong> choose)
    {
        var header = stackalloc uint[2] { 0x20080522, 0 }; // version 3, myself
        var data = stackalloc uint[6]; // effective, permitted, inheritable: the lower halves, then the upper ones
        if (capget(header, data) != 0)
            throw new InvalidOperationException($"capget: {(Errno)Marshal.GetLastPInvokeError()}");
        var kept = choose(data[0] | ((ulong)data[3] << 32));
        data[0] = data[1] = (uint)kept;
        data[3] = data[4] = (uint)(kept >> 32);
        data[2] = data[5] = 0;
        if (capset(header, data) != 0)
            throw new InvalidOperationException($"capset: {(Errno)Marshal.GetLastPInvokeError()}");
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int capget(uint* header, uint* data);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int capset(uint* header, uint* data);
}
