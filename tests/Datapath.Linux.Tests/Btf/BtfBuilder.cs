using System.Buffers.Binary;
using System.Text;
using Datapath.Linux.Btf;

namespace Datapath.Linux.Tests.Btf;

/// <summary>Writes small BTF sections. Each method adds a type and returns its number.</summary>
internal sealed class BtfBuilder
{
    private readonly List<byte> _types = [];
    private readonly List<byte> _strings = [];
    private readonly uint _firstString;
    private uint _count;

    public BtfBuilder() => _strings.Add(0);

    /// <summary>Starts types that continue others, as a module's continue the kernel's.</summary>
    public BtfBuilder(BtfBuilder baseTypes) => (_firstString, _count) = ((uint)baseTypes._strings.Count, baseTypes._count);

    public uint Int(string name, uint size) => Record(name, BtfKind.Int, 0, size, size * 8);

    public uint SignedInt(string name, uint size) => Record(name, BtfKind.Int, 0, size, (size * 8) | (1 << 24));

    public uint Pointer(uint target) => Record("", BtfKind.Pointer, 0, target);

    public uint Array(uint element, uint length) => Record("", BtfKind.Array, 0, 0, element, element, length);

    public uint Typedef(string name, uint target) => Record(name, BtfKind.Typedef, 0, target);

    public uint Const(uint target) => Record("", BtfKind.Const, 0, target);

    public uint Variable(string name, uint type) => Record(name, BtfKind.Var, 0, type, 1);

    public uint Enum(string name, params (string Name, int Value)[] values) =>
        Record(name, BtfKind.Enum, Signed(values.Length, values.Any(static v => v.Value < 0)), 4, [.. values.SelectMany(v => new[] { String(v.Name), (uint)v.Value })]);

    public uint Enum64(string name, params (string Name, long Value)[] values) =>
        Record(name, BtfKind.Enum64, Signed(values.Length, values.Any(static v => v.Value < 0)), 8, [.. values.SelectMany(v => new[] { String(v.Name), (uint)v.Value, (uint)(v.Value >> 32) })]);

    /// <summary>Adds a struct whose fields have offsets in bits.</summary>
    public uint Struct(string name, uint size, params (string Name, uint Type, uint Offset)[] fields) =>
        Record(name, BtfKind.Struct, fields.Length, size, [.. fields.SelectMany(f => new[] { String(f.Name), f.Type, f.Offset })]);

    /// <summary>Adds a union, all of whose fields start with it.</summary>
    public uint Union(string name, uint size, params (string Name, uint Type)[] fields) =>
        Record(name, BtfKind.Union, fields.Length, size, [.. fields.SelectMany(f => new[] { String(f.Name), f.Type, 0U })]);

    /// <summary>Adds a struct of bit fields.</summary>
    public uint BitFields(string name, uint size, params (string Name, uint Type, uint Offset, uint Bits)[] fields) =>
        Record(name, BtfKind.Struct, fields.Length | (1 << 31), size, [.. fields.SelectMany(f => new[] { String(f.Name), f.Type, f.Offset | (f.Bits << 24) })]);

    public uint Prototype(uint result, params (string Name, uint Type)[] parameters) =>
        Record("", BtfKind.FuncProto, parameters.Length, result, [.. parameters.SelectMany(p => new[] { String(p.Name), p.Type })]);

    public uint DataSection(string name, params uint[] variables) =>
        Record(name, BtfKind.DataSection, variables.Length, 0, [.. variables.SelectMany(static v => new[] { v, 0U, 4U })]);

    /// <summary>Adds a map as the macros of the programs define it.</summary>
    public uint Map(string name, uint type, uint key, uint value, uint maxEntries)
    {
        var number = Int("int", 4);
        var definition = Struct(
            "",
            32,
            ("type", Pointer(Array(number, type)), 0),
            ("key", Pointer(key), 64),
            ("value", Pointer(value), 128),
            ("max_entries", Pointer(Array(number, maxEntries)), 192));
        return Variable(name, definition);
    }

    /// <summary>Adds a record of any kind.</summary>
    public uint Record(string name, BtfKind kind, int count, uint sizeOrType, params uint[] rest)
    {
        Add(String(name));
        Add(((uint)kind << 24) | (uint)count);
        Add(sizeOrType);
        foreach (var word in rest)
            Add(word);
        return ++_count;
    }

    public byte[] Build()
    {
        var header = new byte[24];
        BinaryPrimitives.WriteUInt16LittleEndian(header, 0xeb9f);
        header[2] = 1;
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(4), 24);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(12), (uint)_types.Count);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(16), (uint)_types.Count);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(20), (uint)_strings.Count);
        return [.. header, .. _types, .. _strings];
    }

    private uint String(string text)
    {
        if (text.Length == 0)
            return 0;
        var offset = _firstString + (uint)_strings.Count;
        _strings.AddRange(Encoding.UTF8.GetBytes(text));
        _strings.Add(0);
        return offset;
    }

    // The compiler says of an enum that it has a sign if any of its values has.
    private static int Signed(int count, bool isSigned) => isSigned ? count | (1 << 31) : count;

    private void Add(uint word)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, word);
        _types.AddRange(bytes);
    }
}
