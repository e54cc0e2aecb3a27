using System.Collections.Immutable;
using Datapath.Linux.Btf;
using Datapath.Linux.Elf;

namespace Datapath.Linux.Bpf;

/// <summary>Reads the sections of global variables: <c>.rodata</c>, <c>.data</c>, <c>.bss</c>.</summary>
internal static class DataSectionReader
{
    /// <summary>The most of all sections together. No object comes near it; a broken one must not ask for all memory.</summary>
    private const int MaxSize = 1 << 26;

    public static ImmutableDictionary<string, DataSectionSpec> Read(ElfFile elf, BtfFile btf)
    {
        var sections = ImmutableDictionary.CreateBuilder<string, DataSectionSpec>();
        var room = (ulong)MaxSize;
        foreach (var section in elf.Sections)
        {
            if (!IsData(section.Name) || section.Size == 0)
                continue;
            if (section.Size > room)
                throw new InvalidBpfObjectException($"section '{section.Name}' has {section.Size} bytes; {MaxSize} is the most for all sections of variables together");
            room -= section.Size;
            if (sections.ContainsKey(section.Name))
                throw new InvalidBpfObjectException($"section '{section.Name}' is there twice");
            var content = new byte[section.Size];
            section.Data.Span.CopyTo(content);
            var type = btf.Find(BtfKind.DataSection, section.Name);
            var variables = new Dictionary<string, VariablePlace>();
            foreach (var symbol in elf.Symbols)
            {
                if (symbol.Section != section.Index || symbol.Type is not ElfSymbolType.Object)
                    continue;
                if (symbol.Value > section.Size || symbol.Size > section.Size - symbol.Value)
                    throw new InvalidBpfObjectException($"variable '{symbol.Name}' lies outside section '{section.Name}'");
                variables[symbol.Name] = PlaceOf(symbol, btf, type);
            }

            sections.Add(section.Name, new(section.Name, content, type?.Id ?? 0, variables.Values));
        }

        if (btf.Find(BtfKind.DataSection, KernelOptionLayout.Section) is { } options)
        {
            var layout = KernelOptionLayout.Of(btf, options, out var size);
            sections.Add(
                options.Name,
                new(options.Name, new byte[size], options.Id, layout.Select(o => VariablePlace.Of(btf, o.Variable.Name, (int)o.Offset, (int)o.Size, o.Variable.Target))));
        }

        return sections.ToImmutable();
    }

    private static VariablePlace PlaceOf(ElfSymbol symbol, BtfFile btf, BtfFileType? section)
    {
        var (offset, size) = ((int)symbol.Value, (int)symbol.Size);
        foreach (var member in section?.Members ?? [])
        {
            if (btf[member.Type] is { Kind: BtfKind.Var } type && type.Name == symbol.Name)
                return VariablePlace.Of(btf, symbol.Name, offset, size, type.Target);
        }

        return new(symbol.Name, offset, size, "", Layout: null);
    }

    private static bool IsData(string name) =>
        name is ".data" or ".bss" or ".rodata"
        || name.StartsWith(".data.", StringComparison.Ordinal)
        || name.StartsWith(".bss.", StringComparison.Ordinal)
        || name.StartsWith(".rodata.", StringComparison.Ordinal);
}
