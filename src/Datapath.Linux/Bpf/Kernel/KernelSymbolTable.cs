using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Datapath.Linux.Bpf;

/// <summary>
/// Addresses of the kernel's functions and variables (<c>/proc/kallsyms</c>). Root sees them unless <c>kernel.kptr_restrict</c> is 2; a
/// kernel without <c>CONFIG_KALLSYMS_ALL</c> knows those of functions only.
/// </summary>
internal static unsafe class KernelSymbolTable
{
    private const string FilePath = "/proc/kallsyms";

    /// <summary>Finds symbols in one pass over the file, which is megabytes.</summary>
    /// <param name="names">Their names.</param>
    /// <returns>The addresses of those that exist: 0 if the kernel hides them, <see langword="null"/> if it has several of the name.</returns>
    /// <exception cref="LinuxException">The file cannot be read.</exception>
    public static Dictionary<string, ulong?> Find(IReadOnlySet<string> names)
    {
        var found = new Dictionary<string, ulong?>();
        if (names.Count == 0)
            return found;
        HashSet<string> wanted = [.. names];
        var lookup = wanted.GetAlternateLookup<ReadOnlySpan<char>>();
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
                        return found;
                    length += (int)read;
                    var rest = buffer.AsSpan(0, length);
                    for (int end; (end = rest.IndexOf((byte)'\n')) >= 0; rest = rest[(end + 1)..])
                        Take(rest[..end], lookup, found);
                    if (rest.Length == buffer.Length)
                        return found; // no line is so long
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

    /// <summary>What to throw if the kernel hides an address.</summary>
    /// <param name="symbol">Whose it is.</param>
    public static LinuxException Hidden(string symbol)
    {
        var operation = $"read the address of '{symbol}' from '{FilePath}'";
        return KernelFile.TryRead("/proc/sys/kernel/kptr_restrict", out var text) is Errno.None && text.Trim() is "2"
            ? new(operation, Errno.EPERM, "kernel.kptr_restrict is 2, which hides addresses from everybody; 1 shows them to root")
            : LinuxException.Refusal(operation, Errno.EPERM, LinuxCapabilities.SysLog, "kernel.kptr_restrict may have been 2 when the file was read");
    }

    // "ffffffff81000000 T name", and "\t[module]" behind the symbols of modules.
    private static void Take(ReadOnlySpan<byte> line, HashSet<string>.AlternateLookup<ReadOnlySpan<char>> wanted, Dictionary<string, ulong?> found)
    {
        var space = line.IndexOf((byte)' ');
        if (space < 0 || line.Length < space + 4 || line.Contains((byte)'\t'))
            return;
        Span<char> name = stackalloc char[512];
        if (line.Length - space - 3 > name.Length)
            return;
        name = name[..Encoding.Latin1.GetChars(line[(space + 3)..], name)];
        if (!wanted.TryGetValue(name, out var symbol) || !ulong.TryParse(line[..space], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var address))
            return;
        found[symbol] = found.TryGetValue(symbol, out var other) && other != address ? null : address;
    }
}
