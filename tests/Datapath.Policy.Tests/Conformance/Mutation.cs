using System.Text.Json;
using System.Text.Json.Nodes;

namespace Datapath.Policy.Tests.Conformance;

/// <summary>Expected tables with one mistake in them.</summary>
/// <param name="Name">What is wrong.</param>
/// <param name="Table">The table in which it is.</param>
/// <param name="Expected">The tables.</param>
internal sealed record Mutation(string Name, string Table, JsonElement Expected)
{
    /// <summary>Every value changed, every row left out and added, every order turned round, one at a time.</summary>
    public static IEnumerable<Mutation> AllOf(JsonElement expected)
    {
        foreach (var (path, table, value) in Nodes(JsonNode.Parse(expected.GetRawText())!, [], ""))
        {
            if (Wrong(value) is { } wrong)
                yield return Make($"{string.Join('/', path)} is {wrong}", table, expected, path, static (_, other) => other, wrong);
            if (IsRow(path, table))
                yield return Make($"{string.Join('/', path)} is missing", table, expected, path, static (_, _) => null, null);
            if (value is JsonArray { Count: > 1 } list && IsOrdered(path, table))
                yield return Make($"{string.Join('/', path)} is turned round", table, expected, path, static (_, other) => other, Reversed(list));
            if (IsTable(path, table))
                yield return Make($"{table} has one row more", table, expected, path, static (node, _) => WithRow(node), null);
        }
    }

    private static bool IsPartial(string table) => table.EndsWith("Contain", StringComparison.Ordinal) || table.EndsWith("Absent", StringComparison.Ordinal);

    private static int Depth(string table) => table.StartsWith("maps.", StringComparison.Ordinal) ? 2 : 1;

    private static bool IsTable(object[] path, string table) => path.Length == Depth(table) && table.Length > 0 && !IsPartial(table);

    private static bool IsRow(object[] path, string table) => path.Length == Depth(table) + 1 && table.Length > 0 && !IsPartial(table);

    private static bool IsOrdered(object[] path, string table) =>
        !IsPartial(table) && (IsTable(path, table) ? TableShape.Of(table).IsOrdered : TableShape.IsOrderedList(table, path[^1] as string ?? ""));

    private static IEnumerable<(object[] Path, string Table, JsonNode? Value)> Nodes(JsonNode? node, object[] path, string table)
    {
        if (table == "" && path is [string name, ..] && (name != "maps" || path.Length == 2))
            table = string.Join('.', path);
        if (table.EndsWith("Absent", StringComparison.Ordinal))
            return []; // something else is not there either
        var children = node switch
        {
            JsonObject item => item.SelectMany(child => Nodes(child.Value, [.. path, child.Key], table)),
            JsonArray list => list.SelectMany((child, i) => Nodes(child, [.. path, i], table)),
            _ => [],
        };
        return children.Prepend((path, table, node));
    }

    private static JsonValue? Wrong(JsonNode? value) => value?.GetValueKind() switch
    {
        null => JsonValue.Create("something"),
        JsonValueKind.String => JsonValue.Create(value.GetValue<string>() + "x"),
        JsonValueKind.Number => JsonValue.Create(value.GetValue<decimal>() + 1),
        JsonValueKind.True or JsonValueKind.False => JsonValue.Create(!value.GetValue<bool>()),
        _ => null,
    };

    private static JsonArray Reversed(JsonArray list) => [.. list.Reverse().Select(static item => item?.DeepClone())];

    /// <summary>With a row whose key is that of no other.</summary>
    private static JsonNode WithRow(JsonNode? table)
    {
        if (table is JsonObject rows)
            rows.Add("203.0.113.99:9/TCP", new JsonObject());
        else
            table!.AsArray().Add(new JsonObject { ["address"] = "203.0.113.99:9/TCP" });
        return table.DeepClone();
    }

    private static Mutation Make(
        string name, string table, JsonElement expected, object[] path, Func<JsonNode?, JsonNode?, JsonNode?> change, JsonNode? argument)
    {
        var root = JsonNode.Parse(expected.GetRawText())!;
        var parent = path[..^1].Aggregate((JsonNode)root, static (node, step) => (step is int i ? node[i] : node[(string)step])!);
        if (parent is JsonArray list)
            Replace(list, (int)path[^1], change(list[(int)path[^1]], argument));
        else
            Replace(parent.AsObject(), (string)path[^1], change(parent[(string)path[^1]], argument));
        return new(name, table, JsonSerializer.SerializeToElement(root));
    }

    private static void Replace(JsonArray list, int index, JsonNode? value)
    {
        list.RemoveAt(index);
        if (value is not null)
            list.Insert(index, value);
    }

    private static void Replace(JsonObject item, string name, JsonNode? value)
    {
        _ = item.Remove(name);
        if (value is not null)
            item[name] = value;
    }
}
