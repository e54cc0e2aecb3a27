using System.Text;

namespace Datapath.Linux.Btf;

/// <summary>A field of a struct or union.</summary>
/// <remarks>Minimum kernel: none; it is pure.</remarks>
public readonly record struct BtfField
{
    private readonly BtfIndex _index;
    private readonly BtfFieldRecord _record;

    internal BtfField(BtfIndex index, BtfFieldRecord record) => (_index, _record) = (index, record);

    /// <summary>Its name; empty for an unnamed struct, union or bit field. A new text each time.</summary>
    public string Name => Encoding.UTF8.GetString(NameUtf8);

    /// <summary>Its name in UTF-8, in place.</summary>
    public ReadOnlySpan<byte> NameUtf8 => _index is null ? default : _index.NameAt(_record.NameOffset);

    /// <summary>Its type.</summary>
    /// <exception cref="Elf.InvalidBpfObjectException">There is no such type.</exception>
    public BtfType Type => _index is null ? default : new(_index[_record.Type]);

    /// <summary>Bits from the start of the struct.</summary>
    public uint BitOffset => _record.BitOffset;

    /// <summary>Bytes from the start of the struct; of a bit field the byte that it starts in.</summary>
    public uint Offset => BitOffset / 8;

    /// <summary>The bits of a bit field; 0 for others.</summary>
    public uint BitSize => _record.BitSize;

    /// <summary>The field with its type and place, such as <c>skc_family (unsigned short) at 16</c>.</summary>
    public override string ToString() => BitSize == 0 ? $"{Name} ({Type}) at {Offset}" : $"{Name} ({Type}) at {Offset}, bits {BitOffset % 8} to {(BitOffset % 8) + BitSize - 1}";
}
