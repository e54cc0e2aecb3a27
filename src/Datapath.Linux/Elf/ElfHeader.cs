using System.Buffers.Binary;

namespace Datapath.Linux.Elf;

/// <summary>The start of a 64-bit little-endian ELF file.</summary>
/// <param name="Machine">The machine that it is made for.</param>
/// <param name="TableOffset">Where the section headers are.</param>
/// <param name="Count">How many there are.</param>
/// <param name="NamesIndex">The section that holds their names.</param>
internal readonly record struct ElfHeader(ushort Machine, ulong TableOffset, int Count, int NamesIndex)
{
    /// <summary>Bytes of it.</summary>
    public const int Size = 64;

    /// <summary>Bytes of all section headers.</summary>
    public ulong TableSize => (ulong)Count * ElfSectionHeader.Size;

    /// <summary>Whether a file starts as all ELF files do.</summary>
    public static bool IsElf(ReadOnlySpan<byte> file) => file.Length >= Size && file.StartsWith("\u007fELF"u8);

    /// <summary>Reads the start of a file.</summary>
    /// <param name="file">The file, or its start.</param>
    /// <param name="hint">What to do about a file of another kind, for the message.</param>
    /// <exception cref="InvalidBpfObjectException">The file is of another kind.</exception>
    public static ElfHeader Read(ReadOnlySpan<byte> file, string hint)
    {
        if (!IsElf(file))
            throw new InvalidBpfObjectException("not an ELF file");
        if (file[4] != 2 || file[5] != 1)
            throw new InvalidBpfObjectException($"not a 64-bit little-endian ELF file; {hint}");
        var entrySize = BinaryPrimitives.ReadUInt16LittleEndian(file[58..]);
        if (entrySize != ElfSectionHeader.Size)
            throw new InvalidBpfObjectException($"section headers of {entrySize} bytes, expected {ElfSectionHeader.Size}");
        var header = new ElfHeader(
            BinaryPrimitives.ReadUInt16LittleEndian(file[18..]),
            BinaryPrimitives.ReadUInt64LittleEndian(file[40..]),
            BinaryPrimitives.ReadUInt16LittleEndian(file[60..]),
            BinaryPrimitives.ReadUInt16LittleEndian(file[62..]));
        return header.NamesIndex < header.Count
            ? header
            : throw new InvalidBpfObjectException($"the section with the names is number {header.NamesIndex} of {header.Count}");
    }
}
