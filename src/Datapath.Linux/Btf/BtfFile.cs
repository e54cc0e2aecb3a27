using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using Datapath.Linux.Elf;

namespace Datapath.Linux.Btf;

/// <summary>The types of an eBPF object (its section <c>.BTF</c>). Bytes in, records out; no read outside them whatever they say.</summary>
/// <remarks>Layouts and numbers: kernel documentation, "BPF Type Format (BTF)".</remarks>
internal sealed class BtfFile
{
    private const ushort Magic = 0xeb9f;
    private const int HeaderSize = 24;
    private const int RecordSize = 12;

    /// <summary>A type that refers to itself through qualifiers would never end; no real chain is this long.</summary>
    private const int MaxDepth = 64;

    private readonly byte[] _texts;

    private BtfFile(ReadOnlyMemory<byte> raw, int typesOffset, ImmutableArray<BtfType> types, byte[] texts) =>
        (Raw, TypesOffset, Types, _texts) = (raw, typesOffset, types, texts);

    /// <summary>The whole section.</summary>
    public ReadOnlyMemory<byte> Raw { get; }

    /// <summary>Where the type records start in <see cref="Raw"/>.</summary>
    public int TypesOffset { get; }

    /// <summary>All types but void: the type of id n is at n - 1.</summary>
    public ImmutableArray<BtfType> Types { get; }

    /// <summary>Reads a section.</summary>
    /// <exception cref="InvalidBpfObjectException">The bytes are no BTF, or contradict themselves.</exception>
    public static BtfFile Parse(ReadOnlyMemory<byte> raw)
    {
        var bytes = raw.Span;
        if (bytes.Length < HeaderSize || BinaryPrimitives.ReadUInt16LittleEndian(bytes) != Magic)
            throw new InvalidBpfObjectException("BTF: no little-endian BTF header");
        if (bytes[2] != 1)
            throw new InvalidBpfObjectException($"BTF: version {bytes[2]}, expected 1");
        var headerSize = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
        var (types, typesOffset) = Slice(bytes, headerSize, bytes[8..], "types");
        var (strings, _) = Slice(bytes, headerSize, bytes[16..], "strings");

        var result = ImmutableArray.CreateBuilder<BtfType>();
        for (var position = 0; position < types.Length;)
        {
            var type = ReadType((uint)result.Count + 1, types, position, strings, out var length);
            result.Add(type);
            position += length;
        }

        return new(raw, typesOffset, result.ToImmutable(), strings);
    }

    /// <summary>The type of an id.</summary>
    /// <exception cref="InvalidBpfObjectException">There is none; void (0) is none either.</exception>
    public BtfType this[uint id] => id != 0 && id <= Types.Length
        ? Types[(int)id - 1]
        : throw new InvalidBpfObjectException($"BTF: type {id} of {Types.Length}");

    /// <summary>The text at a place among the texts.</summary>
    /// <exception cref="InvalidBpfObjectException">There is none.</exception>
    public string Text(uint offset) => ReadName(_texts, offset);

    /// <summary>The first type of a kind and name, or <see langword="null"/>.</summary>
    public BtfType? Find(BtfKind kind, string name)
    {
        foreach (var type in Types)
        {
            if (type.Kind == kind && type.Name == name)
                return type;
        }

        return null;
    }

    /// <summary>The type below typedefs and qualifiers.</summary>
    public BtfType Resolve(uint id)
    {
        var type = this[id];
        for (var depth = 0; type.Kind is BtfKind.Typedef or BtfKind.Volatile or BtfKind.Const or BtfKind.Restrict or BtfKind.TypeTag; depth++)
        {
            if (depth == MaxDepth)
                throw new InvalidBpfObjectException($"BTF: type {id} refers to itself");
            type = this[type.Target];
        }

        return type;
    }

    /// <summary>The size of a type in bytes.</summary>
    /// <exception cref="InvalidBpfObjectException">The type has no size (void, a function).</exception>
    public uint SizeOf(uint id) => SizeOf(id, 0);

    private uint SizeOf(uint id, int depth)
    {
        if (depth == MaxDepth)
            throw new InvalidBpfObjectException($"BTF: type {id} contains itself");
        var type = Resolve(id);
        return type.Kind switch
        {
            BtfKind.Int or BtfKind.Struct or BtfKind.Union or BtfKind.Enum or BtfKind.Enum64 or BtfKind.Float or BtfKind.DataSection => type.Size,
            BtfKind.Pointer => 8,
            BtfKind.Array when (ulong)type.Length * SizeOf(type.Target, depth + 1) is <= uint.MaxValue and var size => (uint)size,
            _ => throw new InvalidBpfObjectException($"BTF: type {id} ('{type.Name}', {type.Kind}) has no size"),
        };
    }

    private static (byte[] Data, int Offset) Slice(ReadOnlySpan<byte> bytes, uint headerSize, ReadOnlySpan<byte> range, string what)
    {
        var offset = BinaryPrimitives.ReadUInt32LittleEndian(range);
        var length = BinaryPrimitives.ReadUInt32LittleEndian(range[4..]);
        if ((ulong)headerSize + offset + length > (ulong)bytes.Length)
            throw new InvalidBpfObjectException($"BTF: {length} bytes of {what} at {headerSize} + {offset} do not fit {bytes.Length}");
        return (bytes.Slice((int)(headerSize + offset), (int)length).ToArray(), (int)(headerSize + offset));
    }

    private static BtfType ReadType(uint id, ReadOnlySpan<byte> types, int position, ReadOnlySpan<byte> strings, out int length)
    {
        var record = Take(types, position, RecordSize, id);
        var name = ReadName(strings, BinaryPrimitives.ReadUInt32LittleEndian(record));
        var info = BinaryPrimitives.ReadUInt32LittleEndian(record[4..]);
        var sizeOrType = BinaryPrimitives.ReadUInt32LittleEndian(record[8..]);
        var kind = (BtfKind)((info >> 24) & 0x1f);
        var count = (int)(info & 0xffff);
        var hasBitFields = (info >> 31) != 0 && kind is BtfKind.Struct or BtfKind.Union;

        var (fixedSize, memberSize) = kind switch
        {
            BtfKind.Int or BtfKind.Var or BtfKind.DeclTag => (4, 0),
            BtfKind.Array => (12, 0),
            BtfKind.Struct or BtfKind.Union or BtfKind.DataSection or BtfKind.Enum64 => (0, 12),
            BtfKind.Enum or BtfKind.FuncProto => (0, 8),
            BtfKind.Pointer or BtfKind.Forward or BtfKind.Typedef or BtfKind.Volatile or BtfKind.Const or BtfKind.Restrict or BtfKind.Func
                or BtfKind.Float or BtfKind.TypeTag => (0, 0),
            _ => throw new InvalidBpfObjectException($"BTF: type {id} has the unknown kind {(byte)kind}"),
        };
        length = RecordSize + fixedSize + (memberSize * count);
        var rest = Take(types, position + RecordSize, length - RecordSize, id);

        var members = ImmutableArray.CreateBuilder<BtfMember>(memberSize == 0 ? 0 : count);
        for (var i = 0; i < members.Capacity; i++)
            members.Add(ReadMember(kind, rest[(i * memberSize)..], strings, hasBitFields));

        var isSized = kind is BtfKind.Int or BtfKind.Struct or BtfKind.Union or BtfKind.Enum or BtfKind.Enum64 or BtfKind.DataSection or BtfKind.Float;
        return new()
        {
            Id = id,
            Kind = kind,
            Name = name,
            Offset = position,
            Size = isSized ? sizeOrType : 0,
            Target = kind is BtfKind.Array ? BinaryPrimitives.ReadUInt32LittleEndian(rest) : isSized ? 0 : sizeOrType,
            Linkage = kind is BtfKind.Func ? (BtfLinkage)count : kind is BtfKind.Var ? (BtfLinkage)BinaryPrimitives.ReadUInt32LittleEndian(rest) : default,
            Length = kind is BtfKind.Array ? BinaryPrimitives.ReadUInt32LittleEndian(rest[8..]) : 0,
            Members = members.MoveToImmutable(),
        };
    }

    private static BtfMember ReadMember(BtfKind kind, ReadOnlySpan<byte> member, ReadOnlySpan<byte> strings, bool hasBitFields)
    {
        var first = BinaryPrimitives.ReadUInt32LittleEndian(member);
        var second = BinaryPrimitives.ReadUInt32LittleEndian(member[4..]);
        switch (kind)
        {
            case BtfKind.Struct or BtfKind.Union:
                var offset = BinaryPrimitives.ReadUInt32LittleEndian(member[8..]);
                return hasBitFields
                    ? new(ReadName(strings, first), second, offset & 0xffffff, offset >> 24)
                    : new(ReadName(strings, first), second, offset, 0);
            case BtfKind.DataSection:
                return new("", first, second, BinaryPrimitives.ReadUInt32LittleEndian(member[8..]));
            case BtfKind.Enum64:
                return new(ReadName(strings, first), 0, (long)(second | ((ulong)BinaryPrimitives.ReadUInt32LittleEndian(member[8..]) << 32)), 0);
            case BtfKind.Enum:
                return new(ReadName(strings, first), 0, (int)second, 0);
            default: // a parameter
                return new(ReadName(strings, first), second, 0, 0);
        }
    }

    private static ReadOnlySpan<byte> Take(ReadOnlySpan<byte> types, int position, int length, uint id) =>
        length <= types.Length - position
            ? types.Slice(position, length)
            : throw new InvalidBpfObjectException($"BTF: type {id} at {position} does not fit {types.Length} bytes");

    private static string ReadName(ReadOnlySpan<byte> strings, uint offset)
    {
        if (offset == 0)
            return "";
        if (offset >= strings.Length)
            throw new InvalidBpfObjectException($"BTF: a name at {offset} lies outside {strings.Length} bytes");
        var name = strings[(int)offset..];
        var end = name.IndexOf((byte)0);
        if (end < 0)
            throw new InvalidBpfObjectException($"BTF: the name at {offset} has no end");
        return Encoding.UTF8.GetString(name[..end]);
    }
}
