using System.Buffers.Binary;
using Datapath.Linux.Elf;

namespace Datapath.Linux.Btf;

/// <summary>Files that hold types: nothing else, or as a section of an ELF file.</summary>
internal static class BtfContainer
{
    /// <summary>The types in a file.</summary>
    /// <param name="name">The file, for messages.</param>
    /// <param name="read">Reads a piece of it.</param>
    /// <param name="length">Its bytes.</param>
    /// <exception cref="InvalidBpfObjectException">The file holds no types, or contradicts itself.</exception>
    public static ReadOnlyMemory<byte> Open(string name, FilePiece read, long length)
    {
        var start = read(0, (int)Math.Min(length, ElfHeader.Size)).Span;
        if (ElfHeader.IsElf(start))
            return OpenElf(name, new(read, length, ElfHeader.Read(start, "types of other machines are not read")));
        if (start.Length < sizeof(ushort) || BinaryPrimitives.ReadUInt16LittleEndian(start) is not BtfIndex.Magic and not 0x9feb) // the other order is told of where types are read
        {
            throw new InvalidBpfObjectException(
                $"{name} is neither BTF, as /sys/kernel/btf/vmlinux is, nor an ELF file with a section '.BTF', as the vmlinux of a debug package is; a compressed kernel (vmlinuz) is not read");
        }

        return length <= Array.MaxLength ? read(0, (int)length) : throw new InvalidBpfObjectException($"BTF: {name} has {length} bytes");
    }

    private static ReadOnlyMemory<byte> OpenElf(string name, ElfSectionFinder file)
    {
        if (file.Find(".BTF.base"u8) is not null)
            throw new InvalidBpfObjectException($"{name} continues types of its own (section '.BTF.base'), which is not supported; once the module is loaded, /sys/kernel/btf has its types");
        return file.Find(".BTF"u8) ?? throw new InvalidBpfObjectException(
            $"{name} is an ELF file without a section '.BTF'; a kernel has one if it was built with CONFIG_DEBUG_INFO_BTF");
    }
}
