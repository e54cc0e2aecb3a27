using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Datapath.Linux.Bpf;

/// <summary>A part of a C# type.</summary>
internal sealed record NetPart(
    [DynamicallyAccessedMembers(StructFields.Kept)][property: DynamicallyAccessedMembers(StructFields.Kept)] Type Type, string Path, int Start, int Size)
    : LayoutPart(Path, Start, Size)
{
    public bool IsFixedBuffer { get; init; }

    public override bool IsOpen => IsFixedBuffer || (!StructFields.IsWhole(Type) && Parts.Count == 0);

    public override IReadOnlyList<LayoutPart> Parts
    {
        get
        {
            if (IsFixedBuffer || StructFields.IsWhole(Type) || Type.IsAutoLayout)
                return [];
            var fields = StructFields.Of(Type);
            if (Type.IsDefined(typeof(InlineArrayAttribute), inherit: false))
                return fields.Count == 1 ? Elements(fields[0]) : [];
            return fields.Zip(fields.Skip(1)).Any(static pair => pair.First.End > pair.Second.Start) ? [] : [.. fields.Select(Of)]; // a union is no struct
        }
    }

    private List<NetPart> Elements(StructField first)
    {
        var (type, size) = (first.Field.FieldType, first.End);
        return StructFields.IsWhole(type) || Size / size > MaxElements
            ? []
            : [.. Enumerable.Range(0, Size / size).Select(i => Of(first with { Start = i * size, End = (i + 1) * size }) with { Path = $"{Path}[{i}]" })];
    }

    [UnconditionalSuppressMessage("Trimming", "IL2072", Justification = "Fields that were trimmed away are not missed: the struct is not looked through then.")]
    private NetPart Of(StructField field) => new(
        field.Field.FieldType, Path.Length == 0 ? field.Name : $"{Path}.{field.Name}", Start + field.Start, field.End - field.Start)
    {
        IsFixedBuffer = field.Field.IsDefined(typeof(FixedBufferAttribute), inherit: false),
    };
}
