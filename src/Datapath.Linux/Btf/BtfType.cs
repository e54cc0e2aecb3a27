using System.Text;
using Datapath.Linux.Elf;

namespace Datapath.Linux.Btf;

/// <summary>
/// One type of <see cref="BtfTypes"/>. It is no copy but a place in them, and what is asked of it is read there. Types that contradict
/// themselves throw <see cref="InvalidBpfObjectException"/> when they are looked at. <see langword="default"/> is void.
/// </summary>
/// <remarks>Minimum kernel: none; it is pure.</remarks>
public readonly record struct BtfType
{
    private readonly BtfRecord _record;

    internal BtfType(BtfRecord record) => _record = record.Id == 0 ? default : record; // void is the same everywhere

    /// <summary>Its number among the types; 0 is void.</summary>
    public uint Id => _record.Id;

    /// <summary>What it is.</summary>
    public BtfKind Kind => _record.Kind;

    /// <summary>Its name; empty if it has none. A new text each time.</summary>
    public string Name => _record.NameText;

    /// <summary>Its name in UTF-8, in place; empty if it has none.</summary>
    public ReadOnlySpan<byte> NameUtf8 => _record.Name;

    /// <summary>Bytes, of what it stands for if it is a typedef or qualifier; <see langword="null"/> for what has no size: void, functions, variables, forward declarations.</summary>
    /// <exception cref="InvalidBpfObjectException">The type contains itself or is larger than memory.</exception>
    public uint? Size => Id != 0 && _record.Index.TryGetSize(Id, out var size) ? size : null;

    /// <summary>
    /// The type that it refers to: what a pointer points to, the element of an array, what a typedef or qualifier stands for, what a
    /// prototype returns, the prototype of a function, the type of a variable. Void if it refers to none.
    /// </summary>
    /// <exception cref="InvalidBpfObjectException">There is no such type.</exception>
    public BtfType Target => Kind is BtfKind.Array ? Other(_record.ArrayElement) : _record.IsReference ? Other(_record.Target) : default;

    /// <summary>The type below typedefs, qualifiers and tags; itself if it is none of them.</summary>
    /// <exception cref="InvalidBpfObjectException">The type refers to itself.</exception>
    public BtfType Underlying => Id == 0 ? default : new(_record.Index.Resolve(Id));

    /// <summary>The elements of an array; 0 for others.</summary>
    public uint ArrayLength => Kind is BtfKind.Array ? _record.ArrayLength : 0;

    /// <summary>Whether it is an integer or an enum with a sign.</summary>
    public bool IsSigned => _record.IsSigned;

    /// <summary>Who sees a function or variable; <see cref="BtfLinkage.Static"/> for others.</summary>
    public BtfLinkage Linkage => Kind is BtfKind.Func or BtfKind.Var ? _record.Linkage : default;

    /// <summary>The fields of a struct or union; none of others.</summary>
    public BtfList<BtfField> Fields => new(_record, _record.IsComposite, static (record, i) => new(record.Index, record.Field(i)));

    /// <summary>The values of an enum; none of others.</summary>
    public BtfList<BtfEnumValue> Values => new(_record, _record.IsEnum, static (record, i) => new(record, i));

    /// <summary>The parameters of a function or prototype; none of others.</summary>
    public BtfList<BtfParameter> Parameters => new(Prototype, Prototype.Kind is BtfKind.FuncProto, static (record, i) => new(record, i));

    /// <summary>What a function or prototype returns; void for others.</summary>
    public BtfType ReturnType => Prototype.Kind is BtfKind.FuncProto ? Other(Prototype.Target) : default;

    /// <summary>The variables of a data section; none of others.</summary>
    public BtfList<BtfSectionVariable> Variables => new(_record, Kind is BtfKind.DataSection, static (record, i) => new(record, i));

    private BtfRecord Prototype => Kind is BtfKind.Func ? _record.Index[_record.Target] : _record;

    /// <summary>Finds a field of a struct or union, also inside unnamed ones and by a path.</summary>
    /// <param name="path">Names with dots between them, such as <c>__sk_common.skc_dport</c>.</param>
    /// <param name="field">The field, its place counted from the start of this type.</param>
    /// <returns>Whether there is one.</returns>
    /// <exception cref="InvalidBpfObjectException">The types contain each other without end.</exception>
    public bool TryFindField(string path, out BtfField field)
    {
        ArgumentNullException.ThrowIfNull(path);
        return TryFindField(Encoding.UTF8.GetBytes(path), out field);
    }

    /// <summary>Finds a field of a struct or union, also inside unnamed ones and by a path.</summary>
    /// <param name="path">Names in UTF-8 with dots between them, such as <c>__sk_common.skc_dport</c>.</param>
    /// <param name="field">The field, its place counted from the start of this type.</param>
    /// <returns>Whether there is one.</returns>
    /// <exception cref="InvalidBpfObjectException">The types contain each other without end.</exception>
    public bool TryFindField(ReadOnlySpan<byte> path, out BtfField field) => BtfFieldSearch.TryFind(_record, path, out field);

    /// <summary>
    /// The type as C defines it, with its fields or values: <c>struct pair { int a; int b; };</c>, a line each. What has a name and stands
    /// inside is named only. It is made for reading: C leaves open what BTF knows, such as the place of each field.
    /// </summary>
    /// <exception cref="InvalidBpfObjectException">The types contradict themselves, or the text would have no end.</exception>
    public string ToC() => Id == 0 ? "void" : CText.Define(_record.Index, Id);

    /// <summary>The type as C names it, without qualifiers: <c>struct sock *</c>.</summary>
    public override string ToString()
    {
        try
        {
            return Id == 0 ? "void" : CText.TypeName(_record.Index, Id);
        }
        catch (InvalidBpfObjectException)
        {
            return $"(broken type {Id})";
        }
    }

    private BtfType Other(uint id) => new(_record.Index[id]);
}
