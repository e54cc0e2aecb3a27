using System.Text;

namespace Datapath.Linux.Bpf;

/// <summary>
/// Addresses of the kernel's functions and variables. Root sees them unless <c>kernel.kptr_restrict</c> is 2; a kernel without
/// <c>CONFIG_KALLSYMS_ALL</c> knows those of functions only.
/// </summary>
internal static class KernelSymbolTable
{
    private const int LongestName = 512;

    /// <summary>Finds symbols in one pass.</summary>
    /// <param name="names">Their names.</param>
    /// <returns>The addresses of those that exist: 0 if the kernel hides them, <see langword="null"/> if it has several of the name.</returns>
    /// <exception cref="LinuxException">The symbols cannot be read.</exception>
    public static Dictionary<string, ulong?> Find(IReadOnlySet<string> names)
    {
        var found = new Dictionary<string, ulong?>();
        if (names.Count == 0)
            return found;
        HashSet<string> wanted = [.. names];
        KernelSymbolReader.Scan(symbol =>
        {
            if (symbol.IsOfModule || symbol.Name.Length > LongestName)
                return;
            Span<char> name = stackalloc char[LongestName];
            name = name[..Encoding.Latin1.GetChars(symbol.Name, name)];
            if (wanted.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out var known))
                found[known] = found.TryGetValue(known, out var other) && other != symbol.Address ? null : symbol.Address;
        });
        return found;
    }

    /// <summary>What to throw if the kernel hides an address.</summary>
    /// <param name="symbol">Whose it is.</param>
    public static LinuxException Hidden(string symbol)
    {
        var operation = $"read the address of '{symbol}' from '{KernelSymbolReader.FilePath}'";
        return KernelFile.TryRead("/proc/sys/kernel/kptr_restrict", out var text) is Errno.None && text.Trim() is "2"
            ? new(operation, Errno.EPERM, "kernel.kptr_restrict is 2, which hides addresses from everybody; 1 shows them to root")
            : LinuxException.Refusal(operation, Errno.EPERM, LinuxCapabilities.SysLog, "kernel.kptr_restrict may have been 2 when the file was read");
    }
}
