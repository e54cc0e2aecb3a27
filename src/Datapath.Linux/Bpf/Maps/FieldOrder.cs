using System.Diagnostics.CodeAnalysis;
using System.Reflection;

namespace Datapath.Linux.Bpf;

/// <summary>
/// Finds types whose fields do not stand in memory as they are declared. The runtime arranges those of <c>LayoutKind.Auto</c>, tuples above all, by their sizes: what C
/// calls the first field may be the last. Where all fields are of one size there is nothing to arrange.
/// </summary>
/// <remarks>A type whose fields were trimmed away counts as one in order: the check may miss something then, it never invents anything.</remarks>
internal static class FieldOrder
{
    /// <summary>Says what is wrong with a type.</summary>
    /// <returns><see langword="null"/> if its fields, and theirs, keep their order.</returns>
    [UnconditionalSuppressMessage("Trimming", "IL2070", Justification = "Fields that were trimmed away are not missed: the type counts as one in order.")]
    public static string? Find(Type type)
    {
        if (StructFields.IsWhole(type))
            return null;
        var fields = type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic);
        return type.IsAutoLayout && !IsUniform(fields)
            ? $"the runtime arranges the fields of {type.Name} as it likes (LayoutKind.Auto, as of all tuples); take a struct, whose fields keep their order"
            : fields.Select(static field => field.FieldType).Where(field => field != type).Select(Find).FirstOrDefault(static text => text is not null);
    }

    private static bool IsUniform(FieldInfo[] fields) =>
        fields.Length <= 1
        || (fields.All(static field => StructFields.IsWhole(field.FieldType)) && fields.DistinctBy(static field => StructFields.SizeOf(field.FieldType)).Count() == 1);
}

/// <summary>What is wrong with the order of a type's fields, found once for each type.</summary>
internal static class FieldOrder<T>
    where T : unmanaged
{
    /// <inheritdoc cref="FieldOrder.Find"/>
    public static string? Text { get; } = FieldOrder.Find(typeof(T));
}
