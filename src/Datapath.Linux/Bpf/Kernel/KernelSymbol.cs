using System.Globalization;

namespace Datapath.Linux.Bpf;

/// <summary>A line of <c>/proc/kallsyms</c>, valid as long as the buffer is: <c>ffffffff81000000 T name</c>, and <c>\t[module]</c> behind those of modules.</summary>
internal readonly ref struct KernelSymbol
{
    private KernelSymbol(ulong address, ReadOnlySpan<byte> name, bool isOfModule)
    {
        Address = address;
        Name = name;
        IsOfModule = isOfModule;
    }

    /// <summary>Its address, 0 if the kernel hides it.</summary>
    public ulong Address { get; }

    public ReadOnlySpan<byte> Name { get; }

    public bool IsOfModule { get; }

    /// <summary>Reads a line; <see langword="false"/> if it is of another form.</summary>
    public static bool TryParse(ReadOnlySpan<byte> line, out KernelSymbol symbol)
    {
        const int Digits = 16;
        symbol = default;
        if (line.Length < Digits + 4 || !ulong.TryParse(line[..Digits], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var address))
            return false;
        var name = line[(Digits + 3)..];
        var end = name.IndexOf((byte)'\t');
        symbol = new(address, end < 0 ? name : name[..end], end >= 0);
        return true;
    }
}
