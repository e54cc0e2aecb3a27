using System.Runtime.InteropServices;

namespace Datapath.Linux;

internal static unsafe partial class Libc
{
    private const nint MEMBARRIER_CMD_GLOBAL = 1;
    private static readonly nint s_membarrier = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 ? 283 : 324;

    /// <summary>
    /// Waits until what the kernel does now for packets is done, so that nobody reads any more what nothing leads to: the kernel makes this barrier by
    /// waiting for its readers.
    /// </summary>
    /// <returns>Whether it could; kernels with processors that are never disturbed (nohz_full) cannot.</returns>
    internal static bool WaitForReaders() => syscall_membarrier(s_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) == 0;

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint syscall_membarrier(nint number, nint command, nint flags, nint processor);
}
