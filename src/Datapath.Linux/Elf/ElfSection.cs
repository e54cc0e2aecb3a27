namespace Datapath.Linux.Elf;

/// <summary>The kinds of sections that matter here (<c>sh_type</c>).</summary>
internal enum ElfSectionType : uint
{
    Null = 0,
    ProgBits = 1,
    SymTab = 2,
    StrTab = 3,
    NoBits = 8,
    Rel = 9,
}

/// <summary>A section of an ELF file.</summary>
internal sealed record ElfSection
{
    /// <summary><c>SHF_EXECINSTR</c>: the section holds instructions.</summary>
    public const ulong Executable = 4;

    public required int Index { get; init; }

    public required uint NameOffset { get; init; }

    public string Name { get; init; } = "";

    public required ElfSectionType Type { get; init; }

    public required ulong Flags { get; init; }

    /// <summary>The content; empty for <c>.bss</c> and its like, whose <see cref="Size"/> is not in the file.</summary>
    public required ReadOnlyMemory<byte> Data { get; init; }

    /// <summary>Bytes in memory.</summary>
    public required ulong Size { get; init; }

    public required uint Link { get; init; }

    public required uint Info { get; init; }
}
