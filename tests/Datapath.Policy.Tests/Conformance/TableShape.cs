using System.Text.Json;

namespace Datapath.Policy.Tests.Conformance;

/// <summary>How the rows of a table are told apart and compared.</summary>
/// <param name="Keys">The columns that make the key; none if rows are properties, whose names are the keys.</param>
/// <param name="IsOrdered">Whether the order of the rows is part of the table.</param>
internal sealed record TableShape(string[] Keys, bool IsOrdered = false)
{
    private static readonly Dictionary<string, TableShape> s_shapes = new()
    {
        ["frontends"] = new(["address"], IsOrdered: true),
        ["backends"] = new(["address", "service"]),
        ["services"] = new(["name"]),
        ["localRedirectPolicies"] = new(["name"]),
        ["clusterLocalRedirectPolicies"] = new(["name"]),
        ["ranges"] = new(["range"], IsOrdered: true),
        ["skipLb"] = new(["pod"]),
        ["skipLbMap"] = new(["netnsCookie", "ip", "port"]),
        ["backendWeights"] = new([]),
        ["maps.frontends"] = new([]),
        ["maps.wildcards"] = new([]),
        ["maps.backends"] = new([]),
        ["objects"] = new(["kind", "namespace", "name"]),
    };

    public static TableShape Of(string table) => s_shapes.TryGetValue(table, out var shape) ? shape : throw new ArgumentException($"unknown table '{table}'");

    /// <summary>The columns of a table in which the order of a list matters.</summary>
    public static bool IsOrderedList(string table, string column) =>
        (table, column) is ("frontends", "backends") or ("maps.frontends", "backends") or (_, "redirects");

    /// <summary>Columns that are objects and complete, as opposed to those of which single properties may be asserted.</summary>
    public static bool IsComplete(string column) => column is "portNames" or "attributes" or "backendSelector";

    /// <summary>The columns that are left out of a row if there is nothing in them; so to leave one out asserts that.</summary>
    public static string[] AbsentIfNone(string table) => table is "maps.frontends" ? ["affinityMatch", "sourceRanges"] : [];

    /// <summary>The table in the tables of a plan.</summary>
    public static JsonElement Find(string table, JsonElement tables) =>
        table.Split('.').Aggregate(tables, static (parent, name) => parent.GetProperty(name));

    public IEnumerable<(string Key, JsonElement Row)> Rows(JsonElement table) => Keys.Length == 0
        ? table.EnumerateObject().Select(static row => (row.Name, row.Value))
        : table.EnumerateArray().Select(row => (Key(row, Keys), row));

    /// <summary>The key of a row, of the columns that are given.</summary>
    public static string Key(JsonElement row, IEnumerable<string> columns) =>
        string.Join(' ', columns.Where(column => row.TryGetProperty(column, out _)).Select(column => row.GetProperty(column).ToString()));
}
