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

    /// <summary>The one place that enters bpf(2). Returns the errno, so that a missing key costs no exception.</summary>
    /// <param name="command">What to do.</param>
    /// <param name="attr">The command's part of <c>union bpf_attr</c>; the kernel may write results into it.</param>
    /// <param name="result">A descriptor or 0; negative on failure.</param>
    internal static Errno Bpf<TAttr>(BpfCommand command, ref TAttr attr, out int result)
        where TAttr : unmanaged
    {
        fixed (TAttr* pointer = &attr)
        {
            while (true)
            {
                result = (int)syscall_bpf(s_bpf, (nint)command, pointer, (nuint)sizeof(TAttr));
                var errno = result < 0 ? (Errno)Marshal.GetLastPInvokeError() : Errno.None;
                if (errno is Errno.EAGAIN && command is BpfCommand.ProgLoad)
                    continue; // a signal interrupted the verifier (since Linux 4.20): ask again
                return errno;
            }
        }
    }

    /// <inheritdoc cref="Bpf{TAttr}(BpfCommand, ref TAttr, out int)"/>
    internal static Errno Bpf<TAttr>(BpfCommand command, ref TAttr attr)
        where TAttr : unmanaged => Bpf(command, ref attr, out _);
}
