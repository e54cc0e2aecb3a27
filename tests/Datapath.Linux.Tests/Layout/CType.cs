using Datapath.Linux.Btf;

namespace Datapath.Linux.Tests.Layout;

/// <summary>A field as its compiler laid it out.</summary>
internal readonly record struct FieldLayout(string Name, uint Offset, uint Size)
{
    public override string ToString() => $"{Name} at {Offset}, {Size} bytes";
}

/// <summary>C types of an object, flat: the element of an array is a field of its own, and so is the field of a field.</summary>
internal static class CType
{
    /// <summary>All fields of a struct, by names as C# spells them.</summary>
    public static IEnumerable<FieldLayout> FieldsOf(BtfFile btf, BtfFileType type, string prefix = "", uint start = 0)
    {
        foreach (var field in type.Members)
        {
            if (field.Size != 0)
                throw new NotSupportedException($"{type.Name}.{field.Name} is a bit field");
            foreach (var flat in Flatten(btf, field.Type, prefix + Pascal(field.Name), start + (uint)(field.Value / 8)))
                yield return flat;
        }
    }

    /// <summary><c>frontend_id</c> is <c>FrontendId</c>.</summary>
    public static string Pascal(string snake) =>
        string.Concat(snake.Split('_').Select(static part => part.Length == 0 ? "" : char.ToUpperInvariant(part[0]) + part[1..].ToLowerInvariant()));

    private static IEnumerable<FieldLayout> Flatten(BtfFile btf, uint id, string name, uint offset)
    {
        var type = btf.Resolve(id);
        if (type.Kind is BtfKind.Struct)
            return FieldsOf(btf, type, name + ".", offset);
        if (type.Kind is not BtfKind.Array)
            return [new(name, offset, btf.SizeOf(id))];
        var size = btf.SizeOf(type.Target);

        // The only element of an array of one has no number: word[1] is Word, word[4] is Word0 to Word3.
        return Enumerable.Range(0, (int)type.Length)
            .SelectMany(i => Flatten(btf, type.Target, type.Length == 1 ? name : name + i, offset + ((uint)i * size)));
    }
}
