using System.Buffers.Binary;

namespace Datapath.Linux.Elf;

/// <summary>What a file says of a section.</summary>
/// <param name="NameOffset">Where its name is among the names.</param>
/// <param name="Type">Its kind.</param>
/// <param name="Flags">Its flags.</param>
/// <param name="Offset">Where its content is in the file.</param>
/// <param name="Length">Its bytes, in memory if it has none in the file.</param>
/// <param name="Link">A section that it refers to.</param>
/// <param name="Info">What else its kind tells.</param>
internal readonly record struct ElfSectionHeader(uint NameOffset, ElfSectionType Type, ulong Flags, ulong Offset, ulong Length, uint Link, uint Info)
{
    /// <summary>Bytes of one.</summary>
    public const int Size = 64;

    /// <summary>Whether it has bytes in the file.</summary>
    public bool HasContent => Type is not (ElfSectionType.Null or ElfSectionType.NoBits);

    /// <summary>Reads one.</summary>
    /// <param name="table">All of them.</param>
    /// <param name="number">Which.</param>
    public static ElfSectionHeader Read(ReadOnlySpan<byte> table, int number)
    {
        var header = table.Slice(number * Size, Size);
        return new(
            BinaryPrimitives.ReadUInt32LittleEndian(header),
            (ElfSectionType)BinaryPrimitives.ReadUInt32LittleEndian(header[4..]),
            BinaryPrimitives.ReadUInt64LittleEndian(header[8..]),
            BinaryPrimitives.ReadUInt64LittleEndian(header[24..]),
            BinaryPrimitives.ReadUInt64LittleEndian(header[32..]),
            BinaryPrimitives.ReadUInt32LittleEndian(header[40..]),
            BinaryPrimitives.ReadUInt32LittleEndian(header[44..]));
    }
}
