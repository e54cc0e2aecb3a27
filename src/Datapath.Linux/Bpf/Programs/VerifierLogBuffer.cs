using System.Collections.Immutable;
using System.Text;

namespace Datapath.Linux.Bpf;

/// <summary>What the verifier writes while it looks at a program.</summary>
internal static unsafe class VerifierLogBuffer
{
    private const int FirstSize = 1 << 20;
    private const int LastSize = 1 << 26;

    /// <summary>
    /// Loads a program with a buffer that grows until the log fits. Since Linux 6.4 a buffer that is too small holds the end of the log, where the
    /// reason of a refusal is: enough for a program that the verifier gave up on, whose log would take minutes and gigabytes.
    /// </summary>
    /// <param name="attr">The program.</param>
    /// <param name="level">What to log.</param>
    /// <param name="refusal">Why the program was refused without a log; none if this is the first try.</param>
    /// <param name="fd">The program's descriptor.</param>
    /// <param name="log">The lines.</param>
    public static Errno Load(ref ProgLoadAttr attr, VerifierLogLevel level, Errno refusal, out int fd, out ImmutableArray<string> log)
    {
        for (var size = FirstSize; ; size <<= 2)
        {
            var buffer = new byte[size];
            fixed (byte* text = buffer)
            {
                (attr.LogBuffer, attr.LogSize, attr.LogLevel) = ((ulong)text, (uint)size, (uint)level);
                var errno = Libc.Bpf(BpfCommand.ProgLoad, ref attr, out fd);
                log = [.. Encoding.UTF8.GetString(buffer.AsSpan(0, Math.Max(0, buffer.AsSpan().IndexOf((byte)0)))).Split('\n').Where(static line => line.Length > 0)];
                if (errno is not Errno.ENOSPC)
                    return errno;
                var isEnd = log is [.., var last] && last.StartsWith("processed ", StringComparison.Ordinal);
                if (isEnd && (refusal is Errno.E2BIG || size == LastSize))
                {
                    log = ["(what comes before does not fit)", .. log[1..]];
                    return errno;
                }

                if (size == LastSize)
                {
                    log = [$"the verifier's log does not fit {LastSize >> 20} MiB"];
                    return errno;
                }
            }
        }
    }
}
