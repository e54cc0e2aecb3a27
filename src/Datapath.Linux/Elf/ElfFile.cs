using System.Buffers.Binary;
using System.Collections.Immutable;

namespace Datapath.Linux.Elf;

/// <summary>
/// A 64-bit little-endian ELF relocatable for the BPF machine, as clang writes it: sections, symbols, relocations. Bytes in, records
/// out: no system call, and no read outside the file whatever it says.
/// </summary>
/// <remarks>Layouts and numbers: the System V ABI, chapters "Object Files" and "Relocation".</remarks>
internal sealed class ElfFile
{
    private const int SymbolSize = 24;
    private const int RelocationSize = 16;
    private const ushort MachineBpf = 247;

    /// <summary>No real name comes near it. Without a limit a small file could ask for much memory, with many ends of one long name.</summary>
    private const int MaxNameLength = 4096;

    private ElfFile(ImmutableArray<ElfSection> sections, ImmutableArray<ElfSymbol> symbols) => (Sections, Symbols) = (sections, symbols);

    /// <summary>All sections; the index is the section's number, 0 is the empty one.</summary>
    public ImmutableArray<ElfSection> Sections { get; }

    /// <summary>All symbols; the index is the symbol's number, 0 is the empty one.</summary>
    public ImmutableArray<ElfSymbol> Symbols { get; }

    /// <summary>Reads a file.</summary>
    /// <param name="file">The whole file; the sections refer to it.</param>
    /// <exception cref="InvalidBpfObjectException">The bytes are no such file, or contradict themselves.</exception>
    public static ElfFile Parse(ReadOnlyMemory<byte> file)
    {
        var header = ElfHeader.Read(file.Span, "compile with -target bpfel");
        if (header.Machine != MachineBpf)
            throw new InvalidBpfObjectException($"made for machine {header.Machine}, not for BPF ({MachineBpf}); compile with -target bpfel");

        var sections = ReadSections(file, header);
        var symbolTable = sections.FirstOrDefault(static s => s.Type is ElfSectionType.SymTab);
        return new(sections, symbolTable is null ? [] : ReadSymbols(symbolTable, sections));
    }

    /// <summary>The section of a name, or <see langword="null"/>.</summary>
    public ElfSection? FindSection(string name)
    {
        foreach (var section in Sections)
        {
            if (section.Name == name)
                return section;
        }

        return null;
    }

    /// <summary>The relocations that apply to a section.</summary>
    public ImmutableArray<ElfRelocation> RelocationsOf(ElfSection target)
    {
        var result = ImmutableArray.CreateBuilder<ElfRelocation>();
        foreach (var section in Sections)
        {
            if (section.Type is not ElfSectionType.Rel || section.Info != target.Index)
                continue;
            var data = section.Data.Span;
            if (data.Length % RelocationSize != 0)
                throw new InvalidBpfObjectException($"section '{section.Name}': {data.Length} bytes are no whole number of relocations");
            for (; !data.IsEmpty; data = data[RelocationSize..])
            {
                var offset = BinaryPrimitives.ReadUInt64LittleEndian(data);
                var info = BinaryPrimitives.ReadUInt64LittleEndian(data[8..]);
                var symbol = (uint)(info >> 32);
                if (symbol >= Symbols.Length)
                    throw new InvalidBpfObjectException($"section '{section.Name}': symbol {symbol} of {Symbols.Length}");
                if (offset >= (ulong)target.Data.Length)
                    throw new InvalidBpfObjectException($"section '{section.Name}': offset {offset} lies outside section '{target.Name}'");
                result.Add(new((int)offset, (uint)info, Symbols[(int)symbol]));
            }
        }

        return result.ToImmutable();
    }

    private static ImmutableArray<ElfSection> ReadSections(ReadOnlyMemory<byte> file, ElfHeader header)
    {
        var table = Slice(file, header.TableOffset, header.TableSize, "section headers").Span;
        var result = ImmutableArray.CreateBuilder<ElfSection>(header.Count);
        for (var i = 0; i < header.Count; i++)
        {
            var section = ElfSectionHeader.Read(table, i);
            result.Add(new()
            {
                Index = i,
                NameOffset = section.NameOffset,
                Type = section.Type,
                Flags = section.Flags,
                Data = section.HasContent ? Slice(file, section.Offset, section.Length, $"section {i}") : default,
                Size = section.Type is ElfSectionType.Null ? 0 : section.Length,
                Link = section.Link,
                Info = section.Info,
            });
        }

        var names = result[header.NamesIndex].Data.Span;
        var made = new NameTable(names.Length);
        for (var i = 0; i < result.Count; i++)
            result[i] = result[i] with { Name = ReadName(names, made, result[i].NameOffset) };
        return result.MoveToImmutable();
    }

    private static ImmutableArray<ElfSymbol> ReadSymbols(ElfSection table, ImmutableArray<ElfSection> sections)
    {
        var data = table.Data.Span;
        if (data.Length % SymbolSize != 0)
            throw new InvalidBpfObjectException($"symbol table: {data.Length} bytes are no whole number of symbols");
        if (table.Link >= sections.Length)
            throw new InvalidBpfObjectException($"symbol table: the section with the names is number {table.Link} of {sections.Length}");
        var names = sections[(int)table.Link].Data.Span;
        var made = new NameTable(names.Length);

        var result = ImmutableArray.CreateBuilder<ElfSymbol>(data.Length / SymbolSize);
        for (; !data.IsEmpty; data = data[SymbolSize..])
        {
            result.Add(new(
                ReadName(names, made, BinaryPrimitives.ReadUInt32LittleEndian(data)),
                (ElfSymbolType)(data[4] & 0xf),
                (ElfSymbolBinding)(data[4] >> 4),
                BinaryPrimitives.ReadUInt16LittleEndian(data[6..]),
                BinaryPrimitives.ReadUInt64LittleEndian(data[8..]),
                BinaryPrimitives.ReadUInt64LittleEndian(data[16..]))
            {
                IsHidden = (data[5] & 3) is 1 or 2, // internal, hidden
            });
        }

        return result.MoveToImmutable();
    }

    private static ReadOnlyMemory<byte> Slice(ReadOnlyMemory<byte> file, ulong offset, ulong size, string what)
    {
        if (offset > (ulong)file.Length || size > (ulong)file.Length - offset)
            throw new InvalidBpfObjectException($"{what}: {size} bytes at {offset} do not fit a file of {file.Length} bytes");
        return file.Slice((int)offset, (int)size);
    }

    private static string ReadName(ReadOnlySpan<byte> names, NameTable made, uint offset)
    {
        if (made.TryGet(offset, out var known))
            return known;
        if (offset >= names.Length)
            return offset == 0 ? "" : throw new InvalidBpfObjectException($"a name at {offset} lies outside its table of {names.Length} bytes");
        var name = names[(int)offset..];
        var end = name[..Math.Min(name.Length, MaxNameLength + 1)].IndexOf((byte)0);
        if (end < 0)
            throw new InvalidBpfObjectException($"the name at {offset} has no end within {MaxNameLength} bytes");
        return made.Make(offset, name[..end]);
    }
}
