using System.Buffers.Binary;
using System.Text;
using Datapath.Linux.Elf;

namespace Datapath.Linux.Tests.Elf;

/// <summary>Writes small object files: sections, symbols and relocations in the order in which they are added.</summary>
internal sealed class ElfBuilder
{
    private const int HeaderSize = 64;
    private readonly List<Content> _sections = [new("", ElfSectionType.Null, 0, [], 0, 0, 0)];
    private readonly List<(string Name, ElfSymbolType Type, ushort Section, ulong Value, ulong Size)> _symbols = [("", ElfSymbolType.NoType, 0, 0, 0)];

    public ushort Machine { get; set; } = 247;

    public byte Class { get; set; } = 2;

    public byte DataEncoding { get; set; } = 1;

    /// <summary>Adds a section.</summary>
    /// <returns>Its number.</returns>
    public ushort Section(string name, byte[] data, ElfSectionType type = ElfSectionType.ProgBits, ulong flags = 0, ulong? size = null, uint info = 0)
    {
        _sections.Add(new(name, type, flags, data, size ?? (ulong)data.Length, 0, info));
        return (ushort)(_sections.Count - 1);
    }

    /// <summary>Adds a section of instructions, with a function that covers it.</summary>
    public ushort Program(string section, string function, params ulong[] instructions)
    {
        var code = new byte[instructions.Length * 8];
        for (var i = 0; i < instructions.Length; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(code.AsSpan(i * 8), instructions[i]);
        var number = Section(section, code, flags: ElfSection.Executable);
        _ = Symbol(function, ElfSymbolType.Func, number, 0, (ulong)code.Length);
        return number;
    }

    /// <summary>Adds a symbol.</summary>
    /// <returns>Its number.</returns>
    public uint Symbol(string name, ElfSymbolType type, ushort section, ulong value, ulong size)
    {
        _symbols.Add((name, type, section, value, size));
        return (uint)_symbols.Count - 1;
    }

    public void Relocation(ushort section, ulong offset, uint type, uint symbol)
    {
        var data = new byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(data, offset);
        BinaryPrimitives.WriteUInt64LittleEndian(data.AsSpan(8), ((ulong)symbol << 32) | type);
        _ = Section(".rel" + section, data, ElfSectionType.Rel, info: section);
    }

    public byte[] Build()
    {
        var names = new Names();
        var symbols = new MemoryStream();
        foreach (var symbol in _symbols)
        {
            var record = new byte[24];
            BinaryPrimitives.WriteUInt32LittleEndian(record, names.Add(symbol.Name));
            record[4] = (byte)((1 << 4) | (byte)symbol.Type);
            BinaryPrimitives.WriteUInt16LittleEndian(record.AsSpan(6), symbol.Section);
            BinaryPrimitives.WriteUInt64LittleEndian(record.AsSpan(8), symbol.Value);
            BinaryPrimitives.WriteUInt64LittleEndian(record.AsSpan(16), symbol.Size);
            symbols.Write(record);
        }

        var namesNumber = (uint)_sections.Count + 1;
        var all = _sections.Append(new(".symtab", ElfSectionType.SymTab, 0, symbols.ToArray(), (ulong)symbols.Length, namesNumber, 0)).ToList();
        foreach (var section in all)
            _ = names.Add(section.Name);
        _ = names.Add(".strtab");
        all.Add(new(".strtab", ElfSectionType.StrTab, 0, names.ToArray(), (ulong)names.ToArray().Length, 0, 0));

        var content = new MemoryStream();
        var headers = new MemoryStream();
        foreach (var section in all)
        {
            var header = new byte[64];
            BinaryPrimitives.WriteUInt32LittleEndian(header, names.Add(section.Name));
            BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(4), (uint)section.Type);
            BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(8), section.Flags);
            BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(24), (ulong)(HeaderSize + content.Position));
            BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(32), section.Size);
            BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(40), section.Link);
            BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(44), section.Info);
            headers.Write(header);
            content.Write(section.Data);
        }

        var file = new byte[HeaderSize + content.Length + headers.Length];
        "\u007fELF"u8.CopyTo(file);
        (file[4], file[5], file[6]) = (Class, DataEncoding, 1);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(16), 1);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(18), Machine);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(40), (ulong)(HeaderSize + content.Length));
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(58), 64);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(60), (ushort)all.Count);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(62), (ushort)(all.Count - 1));
        content.ToArray().CopyTo(file, HeaderSize);
        headers.ToArray().CopyTo(file, HeaderSize + (int)content.Length);
        return file;
    }

    private sealed record Content(string Name, ElfSectionType Type, ulong Flags, byte[] Data, ulong Size, uint Link, uint Info);

    private sealed class Names
    {
        private readonly Dictionary<string, uint> _offsets = new() { [""] = 0 };
        private readonly List<byte> _bytes = [0];

        public uint Add(string name)
        {
            if (_offsets.TryGetValue(name, out var offset))
                return offset;
            offset = (uint)_bytes.Count;
            _offsets.Add(name, offset);
            _bytes.AddRange(Encoding.UTF8.GetBytes(name));
            _bytes.Add(0);
            return offset;
        }

        public byte[] ToArray() => [.. _bytes];
    }
}
