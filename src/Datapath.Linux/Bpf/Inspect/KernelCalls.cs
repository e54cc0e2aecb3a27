using System.Globalization;

namespace Datapath.Linux.Bpf;

/// <summary>Names of the kernel's functions that programs call (<c>/proc/kallsyms</c>).</summary>
internal static class KernelCalls
{
    /// <summary>A loaded program names what it calls by the distance from this function.</summary>
    private const string CallBase = "__bpf_call_base";

    /// <summary>The names of functions that programs call, by the immediates of the calls. Empty if the kernel hides its addresses.</summary>
    public static Dictionary<int, string> Find(IReadOnlySet<int> immediates)
    {
        if (immediates.Count == 0 || KernelFile.TryRead("/proc/kallsyms", out var text) is not Errno.None)
            return [];
        return Find(text, immediates);
    }

    internal static Dictionary<int, string> Find(string symbols, IReadOnlySet<int> immediates)
    {
        var names = new Dictionary<int, string>();
        if (FindBase(symbols) is not { } start)
            return names;
        foreach (var line in symbols.AsSpan().EnumerateLines())
        {
            if (TryParse(line, out var address, out var name) && (long)(address - start) is >= int.MinValue and <= int.MaxValue and var distance
                && immediates.Contains((int)distance))
            {
                _ = names.TryAdd((int)distance, name.ToString());
            }
        }

        return names;
    }

    private static ulong? FindBase(string symbols)
    {
        foreach (var line in symbols.AsSpan().EnumerateLines())
        {
            if (TryParse(line, out var address, out var name) && name is CallBase)
                return address == 0 ? null : address;
        }

        return null;
    }

    // "ffffffff81000000 T name", with the module behind a tab if it is one's.
    private static bool TryParse(ReadOnlySpan<char> line, out ulong address, out ReadOnlySpan<char> name)
    {
        address = 0;
        name = default;
        const int Digits = 16;
        if (line.Length < Digits + 4 || !ulong.TryParse(line[..Digits], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out address))
            return false;
        name = line[(Digits + 3)..];
        if (name.IndexOf('\t') is >= 0 and var end)
            name = name[..end];
        return true;
    }
}
