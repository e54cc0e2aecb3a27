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
    private const int HeaderSize = 64;
    private const int SectionHeaderSize = 64;
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
        var bytes = file.Span;
        if (bytes.Length < HeaderSize || !bytes.StartsWith("\u007fELF"u8))
            throw new InvalidBpfObjectException("not an ELF file");
        if (bytes[4] != 2 || bytes[5] != 1)
            throw new InvalidBpfObjectException("not a 64-bit little-endian ELF file; compile with -target bpfel");
        var machine = BinaryPrimitives.ReadUInt16LittleEndian(bytes[18..]);
        if (machine != MachineBpf)
            throw new InvalidBpfObjectException($"made for machine {machine}, not for BPF ({MachineBpf}); compile with -target bpfel");

        var sections = ReadSections(file);
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

    private static ImmutableArray<ElfSection> ReadSections(ReadOnlyMemory<byte> file)
    {
        var bytes = file.Span;
        var tableOffset = BinaryPrimitives.ReadUInt64LittleEndian(bytes[40..]);
        var entrySize = BinaryPrimitives.ReadUInt16LittleEndian(bytes[58..]);
        var count = BinaryPrimitives.ReadUInt16LittleEndian(bytes[60..]);
        var namesIndex = BinaryPrimitives.ReadUInt16LittleEndian(bytes[62..]);
        if (entrySize != SectionHeaderSize)
            throw new InvalidBpfObjectException($"section headers of {entrySize} bytes, expected {SectionHeaderSize}");
        var table = Slice(file, tableOffset, (ulong)count * SectionHeaderSize, "section headers").Span;

        var result = ImmutableArray.CreateBuilder<ElfSection>(count);
        for (var i = 0; i < count; i++)
        {
            var header = table.Slice(i * SectionHeaderSize, SectionHeaderSize);
            var type = (ElfSectionType)BinaryPrimitives.ReadUInt32LittleEndian(header[4..]);
            var offset = BinaryPrimitives.ReadUInt64LittleEndian(header[24..]);
            var size = BinaryPrimitives.ReadUInt64LittleEndian(header[32..]);
            var isEmpty = type is ElfSectionType.Null or ElfSectionType.NoBits;
            result.Add(new()
            {
                Index = i,
                NameOffset = BinaryPrimitives.ReadUInt32LittleEndian(header),
                Type = type,
                Flags = BinaryPrimitives.ReadUInt64LittleEndian(header[8..]),
                Data = isEmpty ? default : Slice(file, offset, size, $"section {i}"),
                Size = type is ElfSectionType.Null ? 0 : size,
                Link = BinaryPrimitives.ReadUInt32LittleEndian(header[40..]),
                Info = BinaryPrimitives.ReadUInt32LittleEndian(header[44..]),
            });
        }

        if (namesIndex >= count)
            throw new InvalidBpfObjectException($"the section with the names is number {namesIndex} of {count}");
        var names = result[namesIndex].Data.Span;
        var made = new NameTable(names.Length);
        for (var i = 0; i < count; i++)
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
