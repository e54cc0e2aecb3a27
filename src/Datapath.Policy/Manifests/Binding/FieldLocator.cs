using System.Globalization;
using System.Text;

namespace Datapath.Policy;

/// <summary>Finds the line of a field by its path, so that binders and validators need not know of lines.</summary>
internal static class FieldLocator
{
    /// <summary>The line of the field or, if it is absent, of the innermost part of the object that would contain it.</summary>
    public static int Locate(ManifestNode root, string path)
    {
        var node = root;
        var line = root.Line;
        var rest = path.AsSpan();
        while (!rest.IsEmpty)
        {
            if (rest[0] == '.')
                rest = rest[1..];
            var (next, child) = Step(node, ref rest);
            if (child.IsAbsent)
                break;
            (line, node) = (next, child);
        }

        return line;
    }

    /// <summary>The path of a mapping or list in an object.</summary>
    public static string PathOf(ManifestNode root, ManifestNode node)
    {
        var path = new StringBuilder();
        for (var part = root; part != node;)
            part = StepTowards(node, part, path);
        return path.ToString();
    }

    private static ManifestNode StepTowards(ManifestNode node, ManifestNode part, StringBuilder path)
    {
        foreach (var field in part.Fields)
        {
            if (field.Value.End <= node.Row)
                continue;
            _ = path.Append(path.Length == 0 ? "" : ".").Append(field.Name);
            return field.Value;
        }

        var index = 0;
        foreach (var item in part.Items)
        {
            if (item.End > node.Row)
            {
                _ = path.Append(CultureInfo.InvariantCulture, $"[{index}]");
                return item;
            }

            index++;
        }

        throw new ArgumentException("is not in the object", nameof(node));
    }

    private static (int Line, ManifestNode Node) Step(ManifestNode node, ref ReadOnlySpan<char> rest)
    {
        // A field may have an empty name; then its path ends in the dot before it.
        if (!rest.IsEmpty && rest[0] == '[')
        {
            var end = rest.LastIndexOf(']');
            var isIndex = node.Kind is NodeKind.List;
            if (isIndex)
                end = rest.IndexOf(']');
            if (end < 0)
                return default;
            var key = rest[1..end];
            rest = rest[(end + 1)..];
            return isIndex ? Item(node, key) : Field(node, key);
        }

        var length = rest.IndexOfAny('.', '[');
        var name = length < 0 ? rest : rest[..length];
        rest = length < 0 ? default : rest[length..];
        return Field(node, name);
    }

    private static (int Line, ManifestNode Node) Item(ManifestNode list, ReadOnlySpan<char> key)
    {
        if (int.TryParse(key, CultureInfo.InvariantCulture, out var index))
        {
            foreach (var item in list.Items)
            {
                if (index-- == 0)
                    return (item.Line, item);
            }
        }

        return default;
    }

    private static (int Line, ManifestNode Node) Field(ManifestNode node, ReadOnlySpan<char> name)
    {
        foreach (var field in node.Fields)
        {
            if (name.SequenceEqual(field.Name))
                return (field.Line, field.Value);
        }

        return default;
    }
}
