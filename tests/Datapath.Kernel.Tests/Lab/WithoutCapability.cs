using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace Datapath.Kernel.Tests.Lab;

/// <summary>Runs something on a thread that has given up a capability.</summary>
internal static unsafe partial class WithoutCapability
{
    public const int SysAdmin = 21;

    private const uint Version3 = 0x2008_0522;

    public static void Run(int capability, Action action)
    {
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                var header = new Header { Version = Version3, Thread = 0 };
                var sets = stackalloc uint[6]; // effective, permitted and inheritable, of capabilities 0 to 31 and then of the others
                Assert.That(capget(&header, sets), Is.Zero);
                sets[capability / 32 * 3] &= ~(1U << (capability % 32));
                Assert.That(capset(&header, sets), Is.Zero);
                action();
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
    }

    [LibraryImport("libc")]
    private static partial int capget(Header* header, uint* sets);

    [LibraryImport("libc")]
    private static partial int capset(Header* header, uint* sets);

    private struct Header
    {
        public uint Version;
        public int Thread; // 0: the one that calls
    }
}
