using System.Collections.Immutable;

namespace Datapath.Policy;

/// <content>Lists and maps.</content>
internal readonly ref partial struct FieldReader
{
    public delegate T ItemBinder<T>(FieldReader fields);

    /// <summary>Reads a list of names out of several.</summary>
    public ImmutableArray<T> Choices<T>(string name, params ReadOnlySpan<(string Text, T Value)> choices) where T : struct
    {
        var texts = Strings(name);
        var result = ImmutableArray.CreateBuilder<T>(texts.Length);
        for (var i = 0; i < texts.Length; i++)
        {
            var count = result.Count;
            foreach (var choice in choices)
            {
                if (choice.Text == texts[i])
                    result.Add(choice.Value);
            }

            if (result.Count == count)
                issues.Error(Path(name, i), texts[i], NotOneOf(choices));
        }

        return result.DrainToImmutable();
    }

    public ImmutableDictionary<string, string> StringMap(string name)
    {
        var fields = Mapping(name);
        return fields.ToStringMap();
    }

    public ImmutableArray<string> Strings(string name)
    {
        var items = Items(name);
        if (items.Count == 0)
            return [];
        var result = ImmutableArray.CreateBuilder<string>(items.Count);
        for (var i = 0; i < items.Count; i++)
        {
            if (items[i] is ScalarNode { Kind: ScalarKind.String } scalar)
                result.Add(scalar.Text);
            else
                Refuse(Path(name, i), items[i], "must be a string", hint: items[i] is ScalarNode ? " (put it in quotes)" : "");
        }

        return result.DrainToImmutable();
    }

    public ImmutableArray<T> List<T>(string name, ItemBinder<T> bind)
    {
        var items = Items(name);
        if (items.Count == 0)
            return [];
        var result = ImmutableArray.CreateBuilder<T>(items.Count);
        for (var i = 0; i < items.Count; i++)
        {
            if (items[i] is not MappingNode item)
                Refuse(Path(name, i), items[i], "must be a mapping", hint: "");
            // The item takes its place all the same: the paths of those behind it are to be right in later checks.
            result.Add(bind(new(items[i] as MappingNode, Path(name, i), issues)));
        }

        return result.DrainToImmutable();
    }

    /// <summary>Reads one field of each item of a list of mappings, as in <c>podIPs: [{ip: 10.0.0.1}]</c>. Without it an item is empty.</summary>
    public ImmutableArray<string> StringsOf(string name, string field)
    {
        return List(name, item => item.String(field) ?? "");
    }

    private ImmutableDictionary<string, string> ToStringMap()
    {
        if (node is null || node.Fields.Count == 0)
            return ImmutableDictionary<string, string>.Empty;
        var result = ImmutableDictionary.CreateBuilder<string, string>();
        foreach (var field in node.Fields)
        {
            if (field.Value is ScalarNode { Kind: ScalarKind.String or ScalarKind.Null } scalar)
                result[field.Name] = scalar.Kind is ScalarKind.Null ? "" : scalar.Text;
            else
                Refuse($"{path}[{field.Name}]", field.Value, "must be a string", hint: field.Value is ScalarNode ? " (put it in quotes)" : "");
        }

        return result.ToImmutable();
    }

    private IReadOnlyList<ManifestNode> Items(string name)
    {
        var value = node?.Find(name);
        if (value is SequenceNode sequence)
            return sequence.Items;
        if (value is not null)
            Refuse(Path(name), value, "must be a list", hint: "");
        return [];
    }
}
