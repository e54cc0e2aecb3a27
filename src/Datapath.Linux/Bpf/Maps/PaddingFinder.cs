using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

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
    public const DynamicallyAccessedMemberTypes Fields = StructFields.Kept;

    /// <summary>Says where a struct has padding.</summary>
    /// <returns>For example <c>3 bytes of padding after field 'Protocol'</c>; <see langword="null"/> if there is none.</returns>
    public static string? Find([DynamicallyAccessedMembers(Fields)] Type type)
    {
        if (StructFields.IsWhole(type))
            return null;
        var fields = StructFields.Of(type);
        if (fields.Count == 0)
            return null;
        if (type.IsDefined(typeof(InlineArrayAttribute), inherit: false))
            return FindNested(fields[0]);
        foreach (var field in fields.OrderBy(static field => field.Start))
        {
            if (FindNested(field) is { } nested)
                return nested;
        }

        return FindBetween(fields, StructFields.SizeOf(type));
    }

    private static string? FindNested(StructField field) =>
        field.Field.FieldType.IsPrimitive || field.Field.IsDefined(typeof(FixedBufferAttribute), inherit: false) || FindInNested(field.Field.FieldType) is not { } inner
            ? null
            : $"{inner} of field '{field.Name}'";

    [UnconditionalSuppressMessage("Trimming", "IL2067", Justification = "Fields that were trimmed away are not missed: the struct counts as whole then.")]
    private static string? FindInNested(Type type) => Find(type);

    private static string? FindBetween(IReadOnlyList<StructField> fields, int size)
    {
        var (end, last) = (0, "");
        foreach (var field in fields)
        {
            if (field.Start > end)
                return last.Length == 0 ? Text(field.Start - end, $"before field '{field.Name}'") : Text(field.Start - end, $"after field '{last}'");
            if (field.End > end)
                (end, last) = (field.End, field.Name);
        }

        return end < size ? Text(size - end, $"after field '{last}'") : null;
    }

    private static string Text(int bytes, string place) => $"{bytes} {(bytes == 1 ? "byte" : "bytes")} of padding {place}";
}
