namespace Datapath.Linux.Elf;

/// <summary>Reads a piece of a file; all of it is there.</summary>
internal delegate ReadOnlyMemory<byte> FilePiece(long offset, int length);

/// <summary>Finds sections of an ELF file of any machine, and reads no more of it than that takes: a kernel with its debug information has hundreds of megabytes.</summary>
internal sealed class ElfSectionFinder
{
    /// <summary>A large kernel's take some kilobytes. A broken file must not ask for all memory.</summary>
    private const int MaxNames = 1 << 24;

    private readonly FilePiece _read;
    private readonly ulong _length;
    private readonly ReadOnlyMemory<byte> _table;
    private readonly ReadOnlyMemory<byte> _names;
    private readonly int _count;

    /// <param name="read">Reads the file.</param>
    /// <param name="length">Its bytes.</param>
    /// <param name="header">Its start.</param>
    /// <exception cref="InvalidBpfObjectException">The file contradicts itself.</exception>
    public ElfSectionFinder(FilePiece read, long length, ElfHeader header)
    {
        (_read, _length, _count) = (read, (ulong)length, header.Count);
        _table = Read(header.TableOffset, header.TableSize, "section headers");
        var names = ElfSectionHeader.Read(_table.Span, header.NamesIndex);
        if (names.Length > MaxNames)
            throw new InvalidBpfObjectException($"the names of the sections have {names.Length} bytes, more than {MaxNames}");
        _names = names.HasContent ? Read(names.Offset, names.Length, "names of sections") : default;
    }

    /// <summary>The content of a section; null if there is none of that name.</summary>
    /// <exception cref="InvalidBpfObjectException">It does not fit the file, or has no bytes in it.</exception>
    public ReadOnlyMemory<byte>? Find(ReadOnlySpan<byte> name)
    {
        for (var i = 0; i < _count; i++)
        {
            var section = ElfSectionHeader.Read(_table.Span, i);
            if (!IsNamed(section, name))
                continue;
            return section.HasContent
                ? Read(section.Offset, section.Length, $"section {i}")
                : throw new InvalidBpfObjectException($"section {i} is only named in this file, its content is in another");
        }

        return null;
    }

    private bool IsNamed(ElfSectionHeader section, ReadOnlySpan<byte> name) => section.NameOffset < (uint)_names.Length
        && _names.Span[(int)section.NameOffset..] is var rest && rest.Length > name.Length && rest.StartsWith(name) && rest[name.Length] == 0;

    private ReadOnlyMemory<byte> Read(ulong offset, ulong length, string what)
    {
        if (offset > _length || length > _length - offset)
            throw new InvalidBpfObjectException($"{what}: {length} bytes at {offset} do not fit a file of {_length} bytes");
        if (length > (ulong)Array.MaxLength)
            throw new InvalidBpfObjectException($"{what}: {length} bytes are more than can be read");
        return _read((long)offset, (int)length);
    }
}
