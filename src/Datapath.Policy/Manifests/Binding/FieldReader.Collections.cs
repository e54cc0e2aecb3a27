using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Datapath.Policy;

/// <content>Lists and maps.</content>
internal readonly ref partial struct FieldReader
{
    public delegate T ItemBinder<T>(FieldReader fields);

    public ImmutableDictionary<string, string> StringMap(string name)
    {
        var fields = Mapping(name);
        return fields.ToStringMap();
    }

    public ImmutableArray<string> Strings(string name)
    {
        var items = Items(name);
        var result = new string[items.Count];
        var count = 0;
        var index = 0;
        foreach (var item in items)
        {
            if (item.Kind is NodeKind.String)
                result[count++] = item.Text;
            else
                Refuse(Item(name, index), item, "must be a string", Quotes(item));
            index++;
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(count == result.Length ? result : result[..count]);
    }

    public ImmutableArray<T> List<T>(string name, ItemBinder<T> bind)
    {
        var items = Items(name);
        var result = new T[items.Count];
        var index = 0;
        foreach (var item in items)
        {
            var isMapping = item.Kind is NodeKind.Mapping;
            if (!isMapping)
                Refuse(Item(name, index), item, "must be a mapping", "");
            // The item takes its place all the same: the paths of those behind it are to be right in later checks.
            result[index] = bind(isMapping ? new(root, item, absent: null, issues) : Absent(Item(name, index)));
            index++;
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(result);
    }

    /// <summary>Reads one field of each item of a list of mappings, as in <c>podIPs: [{ip: 10.0.0.1}]</c>. Without it an item is empty.</summary>
    public ImmutableArray<string> StringsOf(string name, string field)
    {
        return List(name, item => item.String(field) ?? "");
    }

    private ImmutableDictionary<string, string> ToStringMap()
    {
        var result = ImmutableDictionary<string, string>.Empty.ToBuilder();
        foreach (var field in _fields.Fields)
        {
            if (field.Value.Kind is NodeKind.String or NodeKind.Null)
                result[field.Name] = field.Value.Kind is NodeKind.Null ? "" : field.Value.Text;
            else
                RefuseInMap(field);
        }

        return result.ToImmutable();
    }

    /// <summary>The path of a field of a map is in brackets: its name may have dots.</summary>
    private void RefuseInMap(MappingField field)
    {
        var value = field.Value;
        issues.Error(
            issues.TakesErrors ? $"{Path()}[{field.Name}]" : field.Name, value.IsScalar ? value.Text : null,
            $"must be a string, but is {value.Description}{Quotes(value)}");
    }

    private NodeItems Items(string name)
    {
        var value = _fields.Find(name);
        if (value.Kind is not NodeKind.List && !value.IsAbsent)
            Refuse(name, value, "must be a list", "");
        return value.Items;
    }
}
