using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Datapath.Linux;

internal static unsafe partial class Libc
{
    private static readonly nint s_bpf = RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 321,
        Architecture.Arm64 => 280,
        var other => throw new PlatformNotSupportedException($"bpf(2) is known here for x64 and arm64, not for {other}"),
    };

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint syscall_bpf(nint number, nint command, void* attr, nuint size);

    // A signal ends a long verification with EAGAIN (since Linux 4.20), and repeated test runs with EINTR. Whoever gets a signal every few
    // milliseconds would ask forever.
    private const int MaxInterruptions = 30;

    /// <summary>The one place that enters bpf(2). Returns the errno, so that a missing key costs no exception.</summary>
    /// <param name="command">What to do.</param>
    /// <param name="attr">The command's part of <c>union bpf_attr</c>; the kernel may write results into it.</param>
    /// <param name="result">A descriptor or 0; negative on failure.</param>
    internal static Errno Bpf<TAttr>(BpfCommand command, ref TAttr attr, out int result)
        where TAttr : unmanaged
    {
        fixed (TAttr* pointer = &attr)
        {
            var errno = Enter(command, pointer, (nuint)sizeof(TAttr), out result);
            return IsInterruption(command, errno) ? AskAgain(command, pointer, (nuint)sizeof(TAttr), out result) : errno;
        }
    }

    /// <inheritdoc cref="Bpf{TAttr}(BpfCommand, ref TAttr, out int)"/>
    internal static Errno Bpf<TAttr>(BpfCommand command, ref TAttr attr)
        where TAttr : unmanaged => Bpf(command, ref attr, out _);

    private static Errno Enter(BpfCommand command, void* attr, nuint size, out int result)
    {
        if (KernelDouble.Current is { } kernel)
            return kernel.Bpf(command, attr, size, out result);
        result = (int)syscall_bpf(s_bpf, (nint)command, attr, size);
        return result < 0 ? (Errno)Marshal.GetLastPInvokeError() : Errno.None;
    }

    private static bool IsInterruption(BpfCommand command, Errno errno) =>
        (errno is Errno.EAGAIN && command is BpfCommand.ProgLoad) || (errno is Errno.EINTR && command is BpfCommand.ProgTestRun);

    [MethodImpl(MethodImplOptions.NoInlining)] // rare; the common way stays short
    private static Errno AskAgain(BpfCommand command, void* attr, nuint size, out int result)
    {
        for (var interruptions = 1; ; interruptions++)
        {
            var errno = Enter(command, attr, size, out result);
            if (interruptions == MaxInterruptions || !IsInterruption(command, errno))
                return errno;
        }
    }
}
