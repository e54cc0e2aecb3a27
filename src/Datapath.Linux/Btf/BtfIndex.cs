using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Datapath.Linux.Elf;

namespace Datapath.Linux.Btf;

/// <summary>
/// Types found by number and name, read in place. The kernel has more than a hundred thousand of them, of which a program asks for a few:
/// one pass over numbers notes where each record starts and which records share a name, no name is read before it is asked for, and
/// nothing is made of a type but what is asked of it.
/// </summary>
internal sealed partial class BtfIndex
{
    internal const int RecordSize = 12;
    private const int RecordWords = RecordSize / sizeof(uint);
    internal const ushort Magic = 0xeb9f;
    private const int HeaderSize = 24;
    private const int MaxDepth = 64;

    private readonly ReadOnlyMemory<byte> _types;
    private readonly ReadOnlyMemory<byte> _strings;
    private readonly BtfIndex? _base;
    private readonly uint _firstId; // of the types that are here and not in the base
    private readonly uint _firstName; // where the names begin that are here and not in the base
    private int[] _offsets; // of the record of id _firstId + n
    private int _records;

    private BtfIndex(ReadOnlyMemory<byte> raw, int typesOffset, ReadOnlyMemory<byte> types, ReadOnlyMemory<byte> strings, BtfIndex? baseTypes)
    {
        (Raw, TypesOffset, _types, _strings, _base) = (raw, typesOffset, types, strings, baseTypes);
        _firstId = baseTypes is null ? 1 : (uint)baseTypes.Count + 1;
        _firstName = baseTypes is null ? 0 : (uint)baseTypes._strings.Length;
        _offsets = new int[(types.Length / (2 * RecordSize)) + 1];
    }

    /// <summary>Types but void; the numbers go from 1 to this. Those of the base come first.</summary>
    public int Count => (int)_firstId - 1 + _records;

    /// <summary>The bytes that were read.</summary>
    public ReadOnlyMemory<byte> Raw { get; }

    /// <summary>Where the type records start in <see cref="Raw"/>.</summary>
    public int TypesOffset { get; }

    internal ReadOnlySpan<byte> Types => _types.Span;

    /// <summary>Bytes of the names, those of the base not among them.</summary>
    internal int NamesLength => _strings.Length;

    /// <summary>Reads the bytes of a <c>.BTF</c> section or of a file in <c>/sys/kernel/btf</c>. They must not change later.</summary>
    /// <param name="raw">The bytes.</param>
    /// <param name="baseTypes">
    /// The types that these continue, as a module's continue the kernel's: numbers of types and places of names go on where the base ends.
    /// </param>
    /// <exception cref="InvalidBpfObjectException">The bytes are no BTF, or contradict themselves.</exception>
    public static BtfIndex Parse(ReadOnlyMemory<byte> raw, BtfIndex? baseTypes = null)
    {
        var bytes = raw.Span;
        if (bytes.Length < HeaderSize || BinaryPrimitives.ReadUInt16LittleEndian(bytes) != Magic)
            throw new InvalidBpfObjectException("BTF: no little-endian BTF header");
        if (bytes[2] != 1)
            throw new InvalidBpfObjectException($"BTF: version {bytes[2]}, expected 1");
        if (baseTypes?._base is not null)
            throw new InvalidBpfObjectException("BTF: types that continue others cannot be continued");
        var headerSize = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
        var (types, typesOffset) = Slice(raw, headerSize, bytes[8..], "types");
        var (strings, _) = Slice(raw, headerSize, bytes[16..], "strings");
        if (!strings.IsEmpty && strings.Span[^1] != 0)
            throw new InvalidBpfObjectException("BTF: the last name has no end");

        var index = new BtfIndex(raw, typesOffset, types, strings, baseTypes);
        index.FindRecords();
        index.ChainNames();
        return index;
    }

    /// <summary>Whether others are the same, byte for byte.</summary>
    public bool HasSameBytes(BtfIndex other) => ReferenceEquals(this, other)
        || (Raw.Span.SequenceEqual(other.Raw.Span) && (_base is null ? other._base is null : other._base is not null && _base.HasSameBytes(other._base)));

    /// <summary>The type of an id, 0 for void.</summary>
    /// <exception cref="InvalidBpfObjectException">There is none.</exception>
    public BtfRecord this[uint id]
    {
        get
        {
            if (id >= _firstId && id <= (uint)Count)
                return new(this, id, _offsets[id - _firstId]);
            if (id == 0)
                return new(this, 0, -1);
            return id < _firstId ? _base![id] : throw new InvalidBpfObjectException($"BTF: type {id} of {Count}");
        }
    }

    /// <summary>The type below typedefs, qualifiers and tags.</summary>
    /// <exception cref="InvalidBpfObjectException">The type refers to itself.</exception>
    public BtfRecord Resolve(uint id)
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
    public uint SizeOf(uint id) => TryGetSize(id, out var size) ? size : throw HasNoSize(id);

    /// <summary>The size of a type in bytes, if it has one.</summary>
    /// <exception cref="InvalidBpfObjectException">The type refers to itself or is larger than memory.</exception>
    public bool TryGetSize(uint id, out uint size)
    {
        ulong elements = 1;
        var type = Resolve(id);
        for (var depth = 0; type.Kind is BtfKind.Array; depth++)
        {
            if (depth == MaxDepth)
                throw new InvalidBpfObjectException($"BTF: type {id} contains itself");
            elements *= type.ArrayLength;
            if (elements > uint.MaxValue)
                throw new InvalidBpfObjectException($"BTF: type {id} is larger than memory");
            type = Resolve(type.ArrayElement);
        }

        size = 0;
        if (type.Kind is not BtfKind.Pointer && !type.IsSized)
            return false;
        elements *= type.Kind is BtfKind.Pointer ? 8U : type.Size;
        size = elements <= uint.MaxValue ? (uint)elements : throw new InvalidBpfObjectException($"BTF: type {id} is larger than memory");
        return true;
    }

    private InvalidBpfObjectException HasNoSize(uint id)
    {
        var type = Resolve(id);
        while (type.Kind is BtfKind.Array)
            type = Resolve(type.ArrayElement);
        return new($"BTF: type {id} ('{type.NameText}', {type.Kind}) has no size");
    }

    /// <summary>The name at an offset, without its end.</summary>
    internal ReadOnlySpan<byte> NameAt(uint offset)
    {
        if (offset == 0)
            return default;
        if (offset < _firstName)
            return _base!.NameAt(offset);
        if (offset - _firstName >= (uint)_strings.Length)
            throw new InvalidBpfObjectException($"BTF: a name at {offset} lies outside {_firstName + (uint)_strings.Length} bytes");
        var name = _strings.Span[(int)(offset - _firstName)..];
        return name[..name.IndexOf((byte)0)]; // the last byte of all is a zero
    }

    // How many words of 32 bits follow a record: some for the kind, some for each member. Tables, because no processor guesses the next kind.
    private static ReadOnlySpan<byte> FixedWords => [0, 1, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0];

    private static ReadOnlySpan<byte> MemberWords => [0, 0, 0, 0, 3, 3, 2, 0, 0, 0, 0, 0, 0, 2, 0, 3, 0, 0, 0, 3];

    // Optimized at once: over the kernel's types these loops take several times as long before the runtime would replace them. They are
    // short for the same reason: a process reads the kernel's types once, and waits for their compilation.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void FindRecords()
    {
        var words = MemoryMarshal.Cast<byte, uint>(_types.Span);
        var offsets = _offsets;
        var records = 0;
        var position = 0;
        while (position < words.Length)
        {
            if (records == offsets.Length)
                offsets = Grow(offsets);
            offsets[records] = position * sizeof(uint);
            if (words.Length - position < RecordWords)
                throw DoesNotFit(records, position);
            var info = words[position + 1];
            var kind = (int)(info >> 24) & 0x1f;
            if (kind == 0 || kind >= FixedWords.Length)
                throw UnknownKind(records, kind);
            var length = RecordWords + FixedWords[kind] + (MemberWords[kind] * (int)(info & 0xffff));
            if (words.Length - position < length)
                throw DoesNotFit(records, position);
            position += length;
            records++;
        }

        (_offsets, _records) = (offsets, records);
        if (_types.Length % sizeof(uint) != 0)
            throw DoesNotFit(records, position);
    }

    private static int[] Grow(int[] offsets)
    {
        Array.Resize(ref offsets, offsets.Length * 2);
        return offsets;
    }

    private InvalidBpfObjectException UnknownKind(int record, int kind) => new($"BTF: type {_firstId + record} has the unknown kind {kind}");

    private InvalidBpfObjectException DoesNotFit(int record, int position) =>
        new($"BTF: type {_firstId + record} at {position * sizeof(uint)} does not fit {_types.Length} bytes");

    private static (ReadOnlyMemory<byte> Data, int Offset) Slice(ReadOnlyMemory<byte> bytes, uint headerSize, ReadOnlySpan<byte> range, string what)
    {
        var offset = BinaryPrimitives.ReadUInt32LittleEndian(range);
        var length = BinaryPrimitives.ReadUInt32LittleEndian(range[4..]);
        if ((ulong)headerSize + offset + length > (ulong)bytes.Length)
            throw new InvalidBpfObjectException($"BTF: {length} bytes of {what} at {headerSize} + {offset} do not fit {bytes.Length}");
        return (bytes.Slice((int)(headerSize + offset), (int)length), (int)(headerSize + offset));
    }
}
