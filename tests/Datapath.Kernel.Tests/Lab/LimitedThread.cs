using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Datapath.Linux;

namespace Datapath.Kernel.Tests.Lab;

/// <summary>Runs code with few capabilities. They belong to threads: this one ends right after, the others keep theirs.</summary>
internal static unsafe partial class LimitedThread
{
    public static void Run(LinuxCapabilities capabilities, Action action)
    {
        ExceptionDispatchInfo? failed = null;
        var thread = new Thread(() =>
        {
            try
            {
                KeepOnly((ulong)capabilities);
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

    private static void KeepOnly(ulong capabilities)
    {
        var header = stackalloc uint[2] { 0x20080522, 0 }; // version 3, myself
        var (low, high) = ((uint)capabilities, (uint)(capabilities >> 32));
        var data = stackalloc uint[6] { low, low, 0, high, high, 0 }; // effective, permitted, inheritable; twice
        if (capset(header, data) != 0)
            throw new InvalidOperationException($"capset: {(Errno)Marshal.GetLastPInvokeError()}");
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int capset(uint* header, uint* data);
}
