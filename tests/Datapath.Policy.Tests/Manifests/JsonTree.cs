using System.Text;
using System.Text.Json.Nodes;

namespace Datapath.Policy.Tests.Manifests;

/// <summary>Manifests as JSON.</summary>
internal static class JsonTree
{
    /// <summary>What a YAML document says.</summary>
    public static JsonNode Of(string yaml) => Of(YamlNodeReader.Read(Encoding.UTF8.GetBytes(yaml), new(yaml.Length)))!;

    /// <summary>A copy of a tree in which one value, anywhere, is another.</summary>
    public static JsonNode WithPartReplaced(JsonNode tree, Random random)
    {
        var root = new JsonObject { ["root"] = tree.DeepClone() };
        var places = new List<Action<JsonNode?>>();
        var values = new List<JsonNode?>();
        Collect(root, places, values);
        places[random.Next(places.Count)](Replacement(values, random));
        return root["root"] ?? new JsonObject();
    }

    private static JsonNode? Replacement(List<JsonNode?> values, Random random) => random.Next(9) switch
    {
        0 => null,
        1 => random.Next(-2, 70_000),
        2 => long.MaxValue,
        3 => "",
        4 => new string('x', random.Next(300)),
        5 => new JsonArray(),
        6 => new JsonObject(),
        7 => true,
        _ => values[random.Next(values.Count)]?.DeepClone(),
    };

    private static void Collect(JsonNode? node, List<Action<JsonNode?>> places, List<JsonNode?> values)
    {
        values.Add(node);
        if (node is JsonObject item)
        {
            foreach (var (name, value) in item)
            {
                places.Add(other => item[name] = other);
                Collect(value, places, values);
            }
        }
        else if (node is JsonArray list)
        {
            for (var i = 0; i < list.Count; i++)
            {
                var index = i;
                places.Add(other => list[index] = other);
                Collect(list[i], places, values);
            }
        }
    }

    private static JsonNode? Of(ManifestNode node) => node.Kind switch
    {
        NodeKind.Mapping => OfFields(node.Fields),
        NodeKind.List => OfItems(node.Items),
        NodeKind.Number when node.Integer is { } number => number,
        NodeKind.True => true,
        NodeKind.False => false,
        NodeKind.String => node.Text,
        _ => null,
    };

    private static JsonObject OfFields(NodeFields fields)
    {
        var result = new JsonObject();
        foreach (var field in fields)
            result.Add(field.Name, Of(field.Value));
        return result;
    }

    private static JsonArray OfItems(NodeItems items)
    {
        var result = new JsonArray();
        foreach (var item in items)
            result.Add(Of(item));
        return result;
    }
}
