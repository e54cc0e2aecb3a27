using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Datapath.Linux.Bpf;

/// <summary>A field of a struct and its place.</summary>
/// <param name="Field">The field.</param>
/// <param name="Start">Bytes before it.</param>
/// <param name="End">Where it ends.</param>
internal readonly record struct StructField(FieldInfo Field, int Start, int End)
{
    /// <summary>The field's name; that of the property if the compiler made the field for one.</summary>
    public string Name => Field.Name is ['<', .. var name] && name.IndexOf('>', StringComparison.Ordinal) is > 0 and var end ? name[..end] : Field.Name;
}

/// <summary>Where the fields of a struct stand: by the struct's own offsets, else by the rules of sequential layout.</summary>
internal static class StructFields
{
    /// <summary>What trimming has to keep of a type so that it can be looked through.</summary>
    public const DynamicallyAccessedMemberTypes Kept = DynamicallyAccessedMemberTypes.PublicFields | DynamicallyAccessedMemberTypes.NonPublicFields;

    private const BindingFlags Instance = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    /// <summary>The fields in the order of their places; none where they were trimmed away.</summary>
    public static IReadOnlyList<StructField> Of([DynamicallyAccessedMembers(Kept)] Type type)
    {
        var fields = type.GetFields(Instance);
        return type.IsExplicitLayout ? Placed(fields) : Sequence(fields, type.StructLayoutAttribute?.Pack ?? 0);
    }

    /// <summary>Whether a type has no fields of its own to look at.</summary>
    public static bool IsWhole(Type type) =>
        type.IsPrimitive || type.IsEnum || type.IsPointer || type.IsFunctionPointer || type == typeof(Int128) || type == typeof(UInt128);

    public static int SizeOf(Type type) => type.IsPointer || type.IsFunctionPointer ? nint.Size : RuntimeHelpers.SizeOf(type.TypeHandle);

    private static List<StructField> Placed(FieldInfo[] fields) =>
    [
        .. fields
            .Select(static field => (Field: field, Start: field.GetCustomAttribute<FieldOffsetAttribute>()?.Value ?? 0))
            .OrderBy(static field => field.Start)
            .Select(static field => new StructField(field.Field, field.Start, field.Start + SizeOf(field.Field.FieldType))),
    ];

    // As they are declared. Compiled ahead of time there are no tokens, and reflection tells them in that order by itself.
    private static IEnumerable<FieldInfo> Declared(FieldInfo[] fields) =>
        Array.TrueForAll(fields, static field => field.HasMetadataToken()) ? fields.OrderBy(static field => field.MetadataToken) : fields;

    private static List<StructField> Sequence(FieldInfo[] fields, int pack)
    {
        var result = new List<StructField>();
        var end = 0;
        foreach (var field in Declared(fields))
        {
            var alignment = Math.Max(1, Math.Min(AlignmentOf(field.FieldType), pack == 0 ? int.MaxValue : pack));
            var start = (end + alignment - 1) / alignment * alignment;
            end = start + SizeOf(field.FieldType);
            result.Add(new(field, start, end));
        }

        return result;
    }

    [UnconditionalSuppressMessage("Trimming", "IL2070", Justification = "Fields that were trimmed away are not missed: where none is known, none is known to be aligned.")]
    private static int AlignmentOf(Type type)
    {
        if (IsWhole(type))
            return SizeOf(type);
        var fields = type.GetFields(Instance);
        var alignment = fields.Length == 0 ? 1 : fields.Max(static field => AlignmentOf(field.FieldType));
        return type.StructLayoutAttribute is { Pack: > 0 } layout ? Math.Min(alignment, layout.Pack) : alignment;
    }
}
