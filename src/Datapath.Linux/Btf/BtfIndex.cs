using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using Datapath.Linux.Elf;

namespace Datapath.Linux.Btf;

/// <summary>
/// Types found by number and name, read in place. The kernel has more than a hundred thousand of them, of which a program asks for a few:
/// one pass notes where each record starts and chains equal names, and nothing else is made of a type until it is asked for.
/// </summary>
internal sealed class BtfIndex
{
    internal const int RecordSize = 12;
    private const ushort Magic = 0xeb9f;
    private const int HeaderSize = 24;
    private const int MaxDepth = 64;

    private readonly ReadOnlyMemory<byte> _types;
    private readonly ReadOnlyMemory<byte> _strings;
    private int[] _offsets; // of the record of id n at n - 1
    private int[] _next = []; // the id of the next type in the same chain; 0 ends it
    private int[] _heads = []; // the first id of each chain

    private BtfIndex(ReadOnlyMemory<byte> types, ReadOnlyMemory<byte> strings)
    {
        (_types, _strings) = (types, strings);
        _offsets = new int[(types.Length / (2 * RecordSize)) + 1];
    }

    /// <summary>Types but void; the numbers go from 1 to this.</summary>
    public int Count { get; private set; }

    internal ReadOnlySpan<byte> Types => _types.Span;

    /// <summary>Reads the bytes of a <c>.BTF</c> section or of <c>/sys/kernel/btf/vmlinux</c>. They must not change later.</summary>
    /// <exception cref="InvalidBpfObjectException">The bytes are no BTF, or contradict themselves.</exception>
    public static BtfIndex Parse(ReadOnlyMemory<byte> raw)
    {
        var bytes = raw.Span;
        if (bytes.Length < HeaderSize || BinaryPrimitives.ReadUInt16LittleEndian(bytes) != Magic)
            throw new InvalidBpfObjectException("BTF: no little-endian BTF header");
        if (bytes[2] != 1)
            throw new InvalidBpfObjectException($"BTF: version {bytes[2]}, expected 1");
        var headerSize = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
        var strings = Slice(raw, headerSize, bytes[16..], "strings");
        if (!strings.IsEmpty && strings.Span[^1] != 0)
            throw new InvalidBpfObjectException("BTF: the last name has no end");

        var index = new BtfIndex(Slice(raw, headerSize, bytes[8..], "types"), strings);
        index.FindRecords();
        index.ChainNames();
        return index;
    }

    /// <summary>The type of an id, 0 for void.</summary>
    /// <exception cref="InvalidBpfObjectException">There is none.</exception>
    public BtfRecord this[uint id] => id <= (uint)Count
        ? new(this, id, id == 0 ? -1 : _offsets[id - 1])
        : throw new InvalidBpfObjectException($"BTF: type {id} of {Count}");

    /// <summary>The first type of a kind and name; void (id 0) if there is none. Allocates nothing.</summary>
    public BtfRecord Find(BtfKind kind, ReadOnlySpan<byte> name)
    {
        foreach (var type in Candidates(name))
        {
            if (type.Kind == kind && type.Name.SequenceEqual(name))
                return type;
        }

        return this[0];
    }

    /// <summary>The types whose names are <paramref name="name"/> up to a flavour on either side, in the order of their numbers.</summary>
    public CandidateEnumerator Candidates(ReadOnlySpan<byte> name)
    {
        var essential = BtfName.WithoutFlavour(name);
        return new(this, essential, essential.IsEmpty ? 0 : _heads[HashOf(essential) & (uint)(_heads.Length - 1)]);
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
    public uint SizeOf(uint id)
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

        var size = type.Kind switch
        {
            BtfKind.Int or BtfKind.Struct or BtfKind.Union or BtfKind.Enum or BtfKind.Enum64 or BtfKind.Float or BtfKind.DataSection => type.Size,
            BtfKind.Pointer => 8U,
            _ => throw new InvalidBpfObjectException($"BTF: type {id} ('{type.NameText}', {type.Kind}) has no size"),
        };
        return elements * size <= uint.MaxValue ? (uint)(elements * size) : throw new InvalidBpfObjectException($"BTF: type {id} is larger than memory");
    }

    /// <summary>The name at an offset, without its end.</summary>
    internal ReadOnlySpan<byte> NameAt(uint offset)
    {
        if (offset == 0)
            return default;
        if (offset >= (uint)_strings.Length)
            throw new InvalidBpfObjectException($"BTF: a name at {offset} lies outside {_strings.Length} bytes");
        var name = _strings.Span[(int)offset..];
        return name[..name.IndexOf((byte)0)]; // the last byte of all is a zero
    }

    // Optimized at once: over the kernel's types these loops take several times as long before the runtime would replace them.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void FindRecords()
    {
        var types = _types.Span;
        for (var position = 0; position < types.Length;)
        {
            var id = Count + 1;
            if (types.Length - position < RecordSize)
                throw new InvalidBpfObjectException($"BTF: type {id} at {position} does not fit {types.Length} bytes");
            var info = BinaryPrimitives.ReadUInt32LittleEndian(types[(position + 4)..]);
            var count = (int)(info & 0xffff);
            var length = RecordSize + (BtfKind)((info >> 24) & 0x1f) switch
            {
                BtfKind.Int or BtfKind.Var or BtfKind.DeclTag => 4,
                BtfKind.Array => 12,
                BtfKind.Struct or BtfKind.Union or BtfKind.DataSection or BtfKind.Enum64 => 12 * count,
                BtfKind.Enum or BtfKind.FuncProto => 8 * count,
                BtfKind.Pointer or BtfKind.Forward or BtfKind.Typedef or BtfKind.Volatile or BtfKind.Const or BtfKind.Restrict
                    or BtfKind.Func or BtfKind.Float or BtfKind.TypeTag => 0,
                var kind => throw new InvalidBpfObjectException($"BTF: type {id} has the unknown kind {(byte)kind}"),
            };
            if (types.Length - position < length)
                throw new InvalidBpfObjectException($"BTF: type {id} at {position} does not fit {types.Length} bytes");
            if (Count == _offsets.Length)
                Array.Resize(ref _offsets, Count * 2);
            _offsets[Count++] = position;
            position += length;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ChainNames()
    {
        var types = _types.Span;
        _next = new int[Count];
        _heads = new int[BitOperations.RoundUpToPowerOf2((uint)Math.Max(Count, 1))];
        for (var id = Count; id > 0; id--) // from the end, so that a chain begins with the lowest number
        {
            var name = NameAt(BinaryPrimitives.ReadUInt32LittleEndian(types[_offsets[id - 1]..]));
            if (name.IsEmpty)
                continue;
            ref var head = ref _heads[HashOf(BtfName.WithoutFlavour(name)) & (uint)(_heads.Length - 1)];
            _next[id - 1] = head;
            head = id;
        }
    }

    private static uint HashOf(ReadOnlySpan<byte> name)
    {
        var hash = 2166136261U; // FNV-1a
        foreach (var letter in name)
            hash = (hash ^ letter) * 16777619U;
        return hash ^ (hash >> 15);
    }

    private static ReadOnlyMemory<byte> Slice(ReadOnlyMemory<byte> bytes, uint headerSize, ReadOnlySpan<byte> range, string what)
    {
        var offset = BinaryPrimitives.ReadUInt32LittleEndian(range);
        var length = BinaryPrimitives.ReadUInt32LittleEndian(range[4..]);
        if ((ulong)headerSize + offset + length > (ulong)bytes.Length)
            throw new InvalidBpfObjectException($"BTF: {length} bytes of {what} at {headerSize} + {offset} do not fit {bytes.Length}");
        return bytes.Slice((int)(headerSize + offset), (int)length);
    }

    /// <summary>Walks the types of one name.</summary>
    internal ref struct CandidateEnumerator(BtfIndex index, ReadOnlySpan<byte> name, int first)
    {
        private readonly ReadOnlySpan<byte> _name = name;
        private int _id = first;

        public BtfRecord Current { get; private set; }

        public readonly CandidateEnumerator GetEnumerator() => this;

        public bool MoveNext()
        {
            while (_id != 0)
            {
                Current = index[(uint)_id];
                _id = index._next[_id - 1];
                if (BtfName.WithoutFlavour(Current.Name).SequenceEqual(_name))
                    return true;
            }

            return false;
        }
    }
}
