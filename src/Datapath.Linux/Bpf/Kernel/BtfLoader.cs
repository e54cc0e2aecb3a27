using System.Text;

namespace Datapath.Linux.Bpf;

/// <summary>Gives types to the kernel.</summary>
internal static unsafe class BtfLoader
{
    private const int FirstSize = 1 << 16;
    private const int LastSize = 1 << 24;

    /// <exception cref="BpfException">The kernel refused. It is asked for a log only then; the message has the line that says why.</exception>
    public static SafeBpfHandle Load(ReadOnlySpan<byte> types)
    {
        fixed (byte* data = types)
        {
            var attr = new BtfLoadAttr { Btf = (ulong)data, BtfSize = (uint)types.Length };
            var errno = Libc.Bpf(BpfCommand.BtfLoad, ref attr, out var fd);
            if (errno is Errno.None)
                return new(fd);
            var operation = $"load {types.Length} bytes of BTF";
            throw errno is Errno.EPERM
                ? BpfException.Refusal(operation, errno, LinuxCapabilities.Bpf)
                : new BpfException(operation, errno, Reason(ref attr));
        }
    }

    // The log lists the types that the kernel has read: the last line is the one that it stumbled over.
    private static string? Reason(ref BtfLoadAttr attr)
    {
        for (var size = FirstSize; size <= LastSize; size <<= 2)
        {
            var buffer = new byte[size];
            fixed (byte* text = buffer)
            {
                (attr.LogBuffer, attr.LogSize, attr.LogLevel) = ((ulong)text, (uint)size, 1);
                var errno = Libc.Bpf(BpfCommand.BtfLoad, ref attr, out var fd);
                if (errno is Errno.ENOSPC)
                    continue;
                if (errno is Errno.None)
                {
                    _ = Libc.close(fd); // the first refusal stands
                    return null;
                }

                var log = Encoding.UTF8.GetString(buffer.AsSpan(0, Math.Max(0, buffer.AsSpan().IndexOf((byte)0))));
                return log.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault();
            }
        }

        return null;
    }
}
