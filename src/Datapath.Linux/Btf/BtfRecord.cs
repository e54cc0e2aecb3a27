using System.Buffers.Binary;
using Datapath.Linux.Elf;

namespace Datapath.Linux.Btf;

/// <summary>One type of a <see cref="BtfIndex"/>, read from its bytes whenever something is asked of it.</summary>
/// <param name="Index">What it is a type of; null for the void of nothing.</param>
/// <param name="Id">Its number; 0 is void.</param>
/// <param name="Offset">Where it stands among the type records.</param>
internal readonly record struct BtfRecord(BtfIndex Index, uint Id, int Offset)
{
    public BtfKind Kind => Id == 0 ? BtfKind.Void : (BtfKind)((Info >> 24) & 0x1f);

    /// <summary>Its name in UTF-8; empty if it has none.</summary>
    public ReadOnlySpan<byte> Name => Id == 0 ? default : Index.NameAt(NameOffset);

    /// <summary>Where its name stands among the names; 0 if it has none.</summary>
    public uint NameOffset => Id == 0 ? 0 : Word(0);

    public string NameText => System.Text.Encoding.UTF8.GetString(Name);

    /// <summary>Members, values or parameters.</summary>
    public int Count => Id == 0 ? 0 : (int)(Info & 0xffff);

    /// <summary>A struct: has bit fields. An enum: is signed. A forward declaration: of a union.</summary>
    public bool Flag => Id != 0 && (Info >> 31) != 0;

    /// <summary>Bytes, for kinds that have a size.</summary>
    public uint Size => Word(8);

    /// <summary>The type referred to, for kinds that refer to one, but arrays; what a prototype returns.</summary>
    public uint Target => Word(8);

    public uint ArrayElement => Word(BtfIndex.RecordSize);

    public uint ArrayLength => Word(BtfIndex.RecordSize + 8);

    /// <summary>Whether an integer or an enum has a sign.</summary>
    public bool IsSigned => Kind switch
    {
        BtfKind.Int => (Word(BtfIndex.RecordSize) & (1 << 24)) != 0,
        BtfKind.Enum or BtfKind.Enum64 => Flag,
        _ => false,
    };

    /// <summary>Whether an integer starts at a bit other than the first, as old compilers wrote bit fields.</summary>
    public bool IsShifted => Kind is BtfKind.Int && ((Word(BtfIndex.RecordSize) >> 16) & 0xff) != 0;

    /// <summary>How an integer lies in its bytes and what it means.</summary>
    public BtfEncoding Encoding => Kind is BtfKind.Int && Word(BtfIndex.RecordSize) is var word ? new(word & 0xff, (word >> 16) & 0xff, (word >> 24) & 0xf) : default;

    /// <summary>Whether the record has a size of its own.</summary>
    public bool IsSized => Kind is BtfKind.Int or BtfKind.Struct or BtfKind.Union or BtfKind.Enum or BtfKind.Enum64 or BtfKind.DataSection or BtfKind.Float;

    /// <summary>Whether the record refers to another one, which then is its <see cref="Target"/>.</summary>
    public bool IsReference => Kind is BtfKind.Pointer or BtfKind.Typedef or BtfKind.Volatile or BtfKind.Const or BtfKind.Restrict or BtfKind.Func
        or BtfKind.FuncProto or BtfKind.Var or BtfKind.DeclTag or BtfKind.TypeTag;

    public bool IsComposite => Kind is BtfKind.Struct or BtfKind.Union;

    /// <summary>Who sees a function or variable.</summary>
    public BtfLinkage Linkage => (BtfLinkage)(Kind is BtfKind.Var ? Word(BtfIndex.RecordSize) : (uint)Count);

    public bool IsEnum => Kind is BtfKind.Enum or BtfKind.Enum64;

    /// <summary>A field of a struct or union.</summary>
    public BtfFieldRecord Field(int i)
    {
        Check(i);
        var at = BtfIndex.RecordSize + (i * 12);
        var place = Word(at + 8);
        return Flag ? new(Word(at), Word(at + 4), place & 0xffffff, place >> 24) : new(Word(at), Word(at + 4), place, 0);
    }

    /// <summary>The name of a field, without making a string of it.</summary>
    public ReadOnlySpan<byte> NameOf(in BtfFieldRecord field) => Index.NameAt(field.NameOffset);

    public ReadOnlySpan<byte> ValueName(int i) => Index.NameAt(ValueNameOffset(i));

    public uint ValueNameOffset(int i)
    {
        Check(i);
        return Word(BtfIndex.RecordSize + (i * (Kind is BtfKind.Enum64 ? 12 : 8)));
    }

    /// <summary>A value of an enum, extended by its sign.</summary>
    public ulong Value(int i)
    {
        Check(i);
        if (Kind is BtfKind.Enum64)
            return Word(BtfIndex.RecordSize + (i * 12) + 4) | ((ulong)Word(BtfIndex.RecordSize + (i * 12) + 8) << 32);
        var value = Word(BtfIndex.RecordSize + (i * 8) + 4);
        return IsSigned ? (ulong)(int)value : value;
    }

    /// <summary>A variable of a data section: its type, its place in bytes, its size.</summary>
    public (uint Type, uint Offset, uint Size) Variable(int i)
    {
        Check(i);
        var at = BtfIndex.RecordSize + (i * 12);
        return (Word(at), Word(at + 4), Word(at + 8));
    }

    public ReadOnlySpan<byte> ParameterName(int i) => Index.NameAt(ParameterNameOffset(i));

    public uint ParameterNameOffset(int i)
    {
        Check(i);
        return Word(BtfIndex.RecordSize + (i * 8));
    }

    /// <summary>The type of a parameter of a prototype.</summary>
    public uint Parameter(int i)
    {
        Check(i);
        return Word(BtfIndex.RecordSize + (i * 8) + 4);
    }

    private uint Info => Word(4);

    private void Check(int i)
    {
        if ((uint)i >= (uint)Count)
            throw new InvalidBpfObjectException($"BTF: type {Id} ('{NameText}') has {Count} members, no member {i}");
    }

    private uint Word(int at) => BinaryPrimitives.ReadUInt32LittleEndian(Index.Types[(Offset + at)..]);
}

/// <summary>A field as it stands in its record.</summary>
/// <param name="NameOffset">Where its name is; 0 for an anonymous field.</param>
/// <param name="Type">Its type.</param>
/// <param name="BitOffset">Bits from the start of the struct.</param>
/// <param name="BitSize">Bits of a bit field, otherwise 0.</param>
internal readonly record struct BtfFieldRecord(uint NameOffset, uint Type, uint BitOffset, uint BitSize);

/// <summary>How an integer lies in its bytes.</summary>
/// <param name="Bits">How many bits it has.</param>
/// <param name="Shift">The bit that it starts at.</param>
/// <param name="Meaning">1: signed, 2: character, 4: boolean.</param>
internal readonly record struct BtfEncoding(uint Bits, uint Shift, uint Meaning);
