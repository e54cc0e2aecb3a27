using System.Globalization;

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
            if (Step(node, ref rest) is not (int next, { } child))
                break;
            (line, node) = (next, child);
        }

        return line;
    }

    private static (int Line, ManifestNode? Node) Step(ManifestNode node, ref ReadOnlySpan<char> rest)
    {
        // A field may have an empty name; then its path ends in the dot before it.
        if (!rest.IsEmpty && rest[0] == '[')
        {
            var end = rest.LastIndexOf(']');
            var isIndex = node is SequenceNode;
            if (isIndex)
                end = rest.IndexOf(']');
            if (end < 0)
                return default;
            var key = rest[1..end];
            rest = rest[(end + 1)..];
            return isIndex ? Item((SequenceNode)node, key) : Field(node, key);
        }

        var length = rest.IndexOfAny('.', '[');
        var name = length < 0 ? rest : rest[..length];
        rest = length < 0 ? default : rest[length..];
        return Field(node, name);
    }

    private static (int Line, ManifestNode? Node) Item(SequenceNode list, ReadOnlySpan<char> key) =>
        int.TryParse(key, CultureInfo.InvariantCulture, out var index) && index >= 0 && index < list.Items.Count
            ? (list.Items[index].Line, list.Items[index])
            : default;

    private static (int Line, ManifestNode? Node) Field(ManifestNode node, ReadOnlySpan<char> name)
    {
        if (node is MappingNode mapping)
        {
            foreach (var field in mapping.Fields)
            {
                if (name.SequenceEqual(field.Name))
                    return (field.Line, field.Value);
            }
        }

        return default;
    }
}
