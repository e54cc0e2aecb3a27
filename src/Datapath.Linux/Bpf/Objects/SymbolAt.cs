using Datapath.Linux.Elf;

namespace Datapath.Linux.Bpf;

/// <summary>Whom a relocation means: the compiler names what is global, and says of what is static only where it stands in which section.</summary>
internal static class SymbolAt
{
    /// <returns>The name, or <see langword="null"/> if nothing with a name starts there.</returns>
    public static string? Find(ElfFile elf, ElfSymbol symbol, ulong addend)
    {
        if (symbol.Type is not ElfSymbolType.Section)
            return addend == 0 && symbol.Name.Length > 0 ? symbol.Name : null;
        var place = symbol.Value + addend;
        return elf.Symbols.FirstOrDefault(s =>
            s.Section == symbol.Section && s.Value == place && s.Type is (ElfSymbolType.Object or ElfSymbolType.Func))?.Name;
    }
}
