using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Datapath.Linux.Bpf;

/// <summary>
/// Finds bytes of a struct that belong to no field. Nothing says what they hold, yet the kernel hashes and compares every byte of a key, and
/// stores every byte of a value where programs can read it.
/// </summary>
/// <remarks>
/// Places follow from the fields' sizes by the rules of sequential layout, or from the struct's own offsets; where neither explains the size
/// of the struct, only the number of bytes is told. A nested struct whose fields were trimmed away counts as whole: the check may miss
/// padding then, it never invents any.
/// </remarks>
internal static class PaddingFinder
{
    /// <summary>What trimming has to keep of a type so that it can be looked through.</summary>
    public const DynamicallyAccessedMemberTypes Fields = DynamicallyAccessedMemberTypes.PublicFields | DynamicallyAccessedMemberTypes.NonPublicFields;

    private const BindingFlags Instance = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    /// <summary>Says where a struct has padding.</summary>
    /// <returns>For example <c>3 bytes of padding after field 'Protocol'</c>; <see langword="null"/> if there is none.</returns>
    public static string? Find([DynamicallyAccessedMembers(Fields)] Type type)
    {
        var size = SizeOf(type);
        if (IsWhole(type))
            return null;
        var fields = type.GetFields(Instance);
        if (fields.Length == 0)
            return null;
        if (type.IsDefined(typeof(InlineArrayAttribute), inherit: false))
            return FindNested(fields[0]);
        foreach (var field in fields)
        {
            if (FindNested(field) is { } nested)
                return nested;
        }

        return type.IsExplicitLayout ? FindBetween(Placed(fields), size) : FindBetween(Sequence(fields, type.StructLayoutAttribute?.Pack ?? 0), size);
    }

    private static string? FindNested(FieldInfo field) =>
        field.FieldType.IsPrimitive || field.IsDefined(typeof(FixedBufferAttribute), inherit: false) || FindInNested(field.FieldType) is not { } inner
            ? null
            : $"{inner} of field '{field.Name}'";

    [UnconditionalSuppressMessage("Trimming", "IL2067", Justification = "Fields that were trimmed away are not missed: the struct counts as whole then.")]
    private static string? FindInNested(Type type) => Find(type);

    private static bool IsWhole(Type type) => type.IsPrimitive || type.IsEnum || type.IsPointer || type.IsFunctionPointer;

    private static int SizeOf(Type type) => type.IsPointer || type.IsFunctionPointer ? nint.Size : RuntimeHelpers.SizeOf(type.TypeHandle);

    private static IEnumerable<(string Name, int Start, int End)> Placed(FieldInfo[] fields) => fields
        .Select(static field => (field.Name, Start: field.GetCustomAttribute<FieldOffsetAttribute>()?.Value ?? 0, Size: SizeOf(field.FieldType)))
        .OrderBy(static field => field.Start)
        .Select(static field => (field.Name, field.Start, field.Start + field.Size));

    private static List<(string Name, int Start, int End)> Sequence(FieldInfo[] fields, int pack)
    {
        var result = new List<(string, int, int)>();
        var end = 0;
        foreach (var field in fields.OrderBy(static field => field.MetadataToken))
        {
            var alignment = Math.Max(1, Math.Min(AlignmentOf(field.FieldType), pack == 0 ? int.MaxValue : pack));
            var start = (end + alignment - 1) / alignment * alignment;
            end = start + SizeOf(field.FieldType);
            result.Add((field.Name, start, end));
        }

        return result;
    }

    private static string? FindBetween(IEnumerable<(string Name, int Start, int End)> fields, int size)
    {
        var (end, last) = (0, "");
        foreach (var (name, start, fieldEnd) in fields)
        {
            if (start > end)
                return last.Length == 0 ? Text(start - end, $"before field '{name}'") : Text(start - end, $"after field '{last}'");
            if (fieldEnd > end)
                (end, last) = (fieldEnd, name);
        }

        return end < size ? Text(size - end, $"after field '{last}'") : null;
    }

    private static string Text(int bytes, string place) => $"{bytes} {(bytes == 1 ? "byte" : "bytes")} of padding {place}";

    [UnconditionalSuppressMessage("Trimming", "IL2070", Justification = "As above: where no field is known, none is known to be aligned.")]
    private static int AlignmentOf(Type type)
    {
        if (IsWhole(type))
            return Math.Min(SizeOf(type), 8);
        var fields = type.GetFields(Instance);
        var alignment = fields.Length == 0 ? 1 : fields.Max(static field => AlignmentOf(field.FieldType));
        return type.StructLayoutAttribute is { Pack: > 0 } layout ? Math.Min(alignment, layout.Pack) : alignment;
    }
}
