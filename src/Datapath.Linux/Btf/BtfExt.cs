using System.Buffers.Binary;
using Datapath.Linux.Elf;

namespace Datapath.Linux.Btf;

/// <summary>
/// What the compiler says of instructions (section <c>.BTF.ext</c>): where functions start, which source line each comes from, and what is
/// to be adapted to the running kernel. Bytes in, records out; no read outside them whatever they say.
/// </summary>
/// <remarks>
/// Lists, not immutable arrays: of records of several kinds, those would be hundreds of methods to compile for the first object of a process.
/// Layouts: kernel documentation, "BPF Type Format (BTF)", chapter ".BTF.ext section".
/// </remarks>
internal sealed class BtfExt
{
    private const ushort Magic = 0xeb9f;

    /// <summary>Up to the records for the running kernel, which came later and may be absent.</summary>
    private const int SmallHeaderSize = 24;
    private const int HeaderSize = 32;

    private BtfExt(
        Dictionary<string, List<BtfFunctionInfo>> functions,
        Dictionary<string, List<BtfLineInfo>> lines,
        Dictionary<string, List<BtfCoreRelocation>> coreRelocations) =>
        (Functions, Lines, CoreRelocations) = (functions, lines, coreRelocations);

    /// <summary>Of an object that says nothing.</summary>
    public static BtfExt Empty { get; } = new(
        [],
        [],
        []);

    /// <summary>The functions of each section of instructions.</summary>
    public Dictionary<string, List<BtfFunctionInfo>> Functions { get; }

    /// <summary>The source lines of each section of instructions.</summary>
    public Dictionary<string, List<BtfLineInfo>> Lines { get; }

    /// <summary>What is to be adapted in each section of instructions.</summary>
    public Dictionary<string, List<BtfCoreRelocation>> CoreRelocations { get; }

    /// <summary>Reads a section.</summary>
    /// <param name="raw">Its bytes.</param>
    /// <param name="btf">The types beside it, whose texts it names.</param>
    /// <exception cref="InvalidBpfObjectException">The bytes are no such section, or contradict themselves.</exception>
    public static BtfExt Parse(ReadOnlyMemory<byte> raw, BtfFile btf)
    {
        var bytes = raw.Span;
        if (bytes.Length < SmallHeaderSize || BinaryPrimitives.ReadUInt16LittleEndian(bytes) != Magic)
            throw new InvalidBpfObjectException("BTF.ext: no little-endian BTF header");
        if (bytes[2] != 1)
            throw new InvalidBpfObjectException($"BTF.ext: version {bytes[2]}, expected 1");
        var headerSize = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
        if (headerSize < SmallHeaderSize || headerSize > bytes.Length)
            throw new InvalidBpfObjectException($"BTF.ext: a header of {headerSize} bytes in {bytes.Length}");
        var rest = bytes[(int)headerSize..];
        return new(
            Read(rest, bytes[8..], "functions", 8, btf, static (r, _) => new BtfFunctionInfo(U32(r), U32(r[4..]))),
            Read(rest, bytes[16..], "lines", 16, btf, static (r, _) => new BtfLineInfo(U32(r), U32(r[4..]), U32(r[8..]), U32(r[12..]))),
            headerSize < HeaderSize
                ? Empty.CoreRelocations
                : Read(rest, bytes[24..], "relocations", 16, btf, static (r, b) => new BtfCoreRelocation(U32(r), U32(r[4..]), b.Text(U32(r[8..])), U32(r[12..]))));
    }

    private static Dictionary<string, List<T>> Read<T>(
        ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> range, string what, int knownSize, BtfFile btf, RecordReader<T> read)
    {
        var offset = U32(range);
        var length = U32(range[4..]);
        if ((ulong)offset + length > (ulong)bytes.Length)
            throw new InvalidBpfObjectException($"BTF.ext: {length} bytes of {what} at {offset} do not fit {bytes.Length}");
        if (length == 0)
            return [];
        var sections = new Dictionary<string, List<T>>();
        var data = bytes.Slice((int)offset, (int)length);
        var size = U32(Take(ref data, 4, what));
        if (size < knownSize || size > 4096)
            throw new InvalidBpfObjectException($"BTF.ext: records of {what} have {size} bytes, expected {knownSize} or more");
        while (!data.IsEmpty)
        {
            var header = Take(ref data, 8, what);
            var name = btf.Text(U32(header));
            var records = Take(ref data, (ulong)U32(header[4..]) * size, what);
            if (!sections.TryGetValue(name, out var list))
                sections.Add(name, list = []);
            for (; !records.IsEmpty; records = records[(int)size..])
                list.Add(read(records, btf));
        }

        return sections;
    }

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> data, ulong length, string what)
    {
        if (length > (ulong)data.Length)
            throw new InvalidBpfObjectException($"BTF.ext: {length} bytes of {what} do not fit the {data.Length} that are left");
        var taken = data[..(int)length];
        data = data[(int)length..];
        return taken;
    }

    private static uint U32(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    private delegate T RecordReader<T>(ReadOnlySpan<byte> record, BtfFile btf);
}

/// <summary>A function's start.</summary>
/// <param name="Offset">Bytes from the start of the section.</param>
/// <param name="Type">Its type, a <see cref="BtfKind.Func"/>.</param>
internal readonly record struct BtfFunctionInfo(uint Offset, uint Type);

/// <summary>Where a source line's instructions start.</summary>
/// <param name="Offset">Bytes from the start of the section.</param>
/// <param name="FileName">The file's name, as a place among the texts.</param>
/// <param name="Text">The line's text, as a place among the texts.</param>
/// <param name="Position">The line's number times 1024 plus the column.</param>
internal readonly record struct BtfLineInfo(uint Offset, uint FileName, uint Text, uint Position);

/// <summary>An instruction that depends on a type of the running kernel.</summary>
/// <param name="Offset">Bytes from the start of the section, or of the linked program.</param>
/// <param name="Type">The type in the object.</param>
/// <param name="Access">The way from the type to the field, for example <c>0:1:2</c>, or the place of an enum's value.</param>
/// <param name="Kind">What is asked (<c>enum bpf_core_relo_kind</c>).</param>
internal readonly record struct BtfCoreRelocation(uint Offset, uint Type, string Access, uint Kind);
