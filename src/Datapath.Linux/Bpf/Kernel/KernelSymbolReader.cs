using System.Buffers;
using System.Runtime.InteropServices;

namespace Datapath.Linux.Bpf;

/// <summary>Takes a symbol of the kernel. It must not keep it.</summary>
internal delegate void KernelSymbolHandler(KernelSymbol symbol);

/// <summary>Reads <c>/proc/kallsyms</c>, which is megabytes, and which the kernel forms as it is read.</summary>
internal static unsafe class KernelSymbolReader
{
    public const string FilePath = "/proc/kallsyms";

    /// <summary>Goes once over all symbols.</summary>
    /// <param name="take">Takes each.</param>
    /// <exception cref="LinuxException">The file cannot be read.</exception>
    public static void Scan(KernelSymbolHandler take)
    {
        LinuxException.ThrowIfFailed(KernelFile.TryOpen(FilePath, Libc.O_RDONLY, out var file), $"read '{FilePath}'");
        using (file)
        {
            var buffer = ArrayPool<byte>.Shared.Rent(1 << 16);
            try
            {
                var length = 0;
                while (true)
                {
                    nint read;
                    fixed (byte* free = &buffer[length])
                        read = Libc.read_file(file, free, (nuint)(buffer.Length - length));
                    var errno = read < 0 ? (Errno)Marshal.GetLastPInvokeError() : Errno.None;
                    if (errno is Errno.EINTR)
                        continue;
                    LinuxException.ThrowIfFailed(errno, $"read '{FilePath}'");
                    if (read == 0)
                        return;
                    length += (int)read;
                    var rest = Scan(buffer.AsSpan(0, length), take);
                    if (rest.Length == buffer.Length)
                        return; // no line is so long
                    rest.CopyTo(buffer);
                    length = rest.Length;
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    /// <summary>Goes over the lines that end in some text.</summary>
    /// <returns>What is left: the start of a line.</returns>
    internal static ReadOnlySpan<byte> Scan(ReadOnlySpan<byte> text, KernelSymbolHandler take)
    {
        for (int end; (end = text.IndexOf((byte)'\n')) >= 0; text = text[(end + 1)..])
        {
            if (KernelSymbol.TryParse(text[..end], out var symbol))
                take(symbol);
        }

        return text;
    }
}
