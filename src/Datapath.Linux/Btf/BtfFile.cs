using System.Collections.Immutable;
using Datapath.Linux.Elf;

namespace Datapath.Linux.Btf;

/// <summary>The types of an eBPF object (its section <c>.BTF</c>), all of them as records: an object has hundreds, and most are looked at.</summary>
/// <remarks>Layouts and numbers: kernel documentation, "BPF Type Format (BTF)".</remarks>
internal sealed class BtfFile
{
    /// <summary>The kernel takes no longer ones. Without a limit a small file could ask for much memory, with many ends of one long name.</summary>
    private const int MaxNameLength = 511;

    private readonly NameTable _names;

    private BtfFile(BtfIndex index, NameTable names, ImmutableArray<BtfFileType> types) => (Index, View, _names, Types) = (index, new(index), names, types);

    /// <summary>The types, read in place.</summary>
    public BtfIndex Index { get; }

    /// <summary>The types for whoever uses the library.</summary>
    public BtfTypes View { get; }

    /// <summary>The whole section.</summary>
    public ReadOnlyMemory<byte> Raw => Index.Raw;

    /// <summary>Where the type records start in <see cref="Raw"/>.</summary>
    public int TypesOffset => Index.TypesOffset;

    /// <summary>All types but void: the type of id n is at n - 1.</summary>
    public ImmutableArray<BtfFileType> Types { get; }

    /// <summary>Reads a section. The bytes must not change later.</summary>
    /// <exception cref="InvalidBpfObjectException">The bytes are no BTF, or contradict themselves.</exception>
    public static BtfFile Parse(ReadOnlyMemory<byte> raw)
    {
        var index = BtfIndex.Parse(raw);
        var names = new NameTable(index.NamesLength);
        var types = ImmutableArray.CreateBuilder<BtfFileType>(index.Count);
        for (var id = 1U; id <= (uint)index.Count; id++)
            types.Add(Read(index[id], names));
        return new(index, names, types.MoveToImmutable());
    }

    /// <summary>The type of an id.</summary>
    /// <exception cref="InvalidBpfObjectException">There is none; void (0) is none either.</exception>
    public BtfFileType this[uint id] => id != 0 && id <= Types.Length
        ? Types[(int)id - 1]
        : throw new InvalidBpfObjectException($"BTF: type {id} of {Types.Length}");

    /// <summary>The text at a place among the texts. Only while the object is read: it notes what it made.</summary>
    /// <exception cref="InvalidBpfObjectException">There is none, or it is longer than a name.</exception>
    public string Text(uint offset) => Name(_names, offset, Index.NameAt(offset));

    /// <summary>The first type of a kind and name, or <see langword="null"/>.</summary>
    public BtfFileType? Find(BtfKind kind, string name)
    {
        foreach (var type in Types)
        {
            if (type.Kind == kind && type.Name == name)
                return type;
        }

        return null;
    }

    /// <summary>The type below typedefs and qualifiers.</summary>
    /// <exception cref="InvalidBpfObjectException">The type refers to itself, or there is only void.</exception>
    public BtfFileType Resolve(uint id) => this[Index.Resolve(id).Id];

    /// <summary>The size of a type in bytes.</summary>
    /// <exception cref="InvalidBpfObjectException">The type has no size (void, a function).</exception>
    public uint SizeOf(uint id) => Index.SizeOf(id);

    private static BtfFileType Read(BtfRecord type, NameTable names)
    {
        var isArray = type.Kind is BtfKind.Array;
        return new()
        {
            Id = type.Id,
            Kind = type.Kind,
            Name = Name(names, type.NameOffset, type.Name),
            Offset = type.Offset,
            Size = type.IsSized ? type.Size : 0,
            Target = isArray ? type.ArrayElement : type.IsSized ? 0 : type.Target,
            Linkage = type.Kind is BtfKind.Func or BtfKind.Var ? type.Linkage : default,
            Length = isArray ? type.ArrayLength : 0,
            Members = ReadMembers(type, names),
        };
    }

    private static ImmutableArray<BtfMember> ReadMembers(BtfRecord type, NameTable names)
    {
        var hasMembers = type.IsComposite || type.IsEnum || type.Kind is BtfKind.DataSection or BtfKind.FuncProto;
        var members = ImmutableArray.CreateBuilder<BtfMember>(hasMembers ? type.Count : 0);
        for (var i = 0; i < members.Capacity; i++)
            members.Add(ReadMember(type, i, names));
        return members.MoveToImmutable();
    }

    private static BtfMember ReadMember(BtfRecord type, int i, NameTable names)
    {
        if (type.IsComposite)
        {
            var field = type.Field(i);
            return new(Name(names, field.NameOffset, type.NameOf(field)), field.Type, field.BitOffset, field.BitSize);
        }

        if (type.IsEnum)
            return new(Name(names, type.ValueNameOffset(i), type.ValueName(i)), 0, (long)type.Value(i), 0);
        if (type.Kind is BtfKind.FuncProto)
            return new(Name(names, type.ParameterNameOffset(i), type.ParameterName(i)), type.Parameter(i), 0, 0);
        var (id, offset, size) = type.Variable(i);
        return new("", id, offset, size);
    }

    private static string Name(NameTable names, uint offset, ReadOnlySpan<byte> name) => name.Length <= MaxNameLength
        ? names.Make(offset, name)
        : throw new InvalidBpfObjectException($"BTF: a name of {name.Length} bytes, more than {MaxNameLength}");
}
