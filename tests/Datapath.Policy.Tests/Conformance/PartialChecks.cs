using System.Text.Json;

namespace Datapath.Policy.Tests.Conformance;

/// <summary>Checks of what is, or is not, among the rows of a table that is not asserted as a whole.</summary>
internal static class PartialChecks
{
    /// <summary>How the name of a check ends that wants a row like this to be there. The name of the table comes before it.</summary>
    private const string Contain = "Contain";

    /// <summary>How the name of a check ends that wants no row to be like this.</summary>
    private const string Absent = "Absent";

    private const string Prefix = "addressPrefix";

    /// <returns>Whether it is such a check.</returns>
    public static bool TryCompare(JsonProperty check, JsonElement actual, List<Mismatch> mismatches)
    {
        var isWanted = check.Name.EndsWith(Contain, StringComparison.Ordinal);
        if (!isWanted && !check.Name.EndsWith(Absent, StringComparison.Ordinal))
            return false;
        var table = check.Name[..^(isWanted ? Contain : Absent).Length];
        table = table == "maps" ? "maps.frontends" : table;
        var rows = TableShape.Of(table).Rows(TableShape.Find(table, actual)).ToList();
        foreach (var pattern in check.Value.EnumerateArray())
        {
            if (rows.Any(row => IsLike(table, pattern, row.Key, row.Row)) != isWanted)
                mismatches.Add(new(table, pattern.GetRawText(), Mismatch.WholeRow, Word(isWanted), Word(!isWanted)));
        }

        return true;
    }

    private static string Word(bool isThere) => isThere ? Mismatch.Present : Mismatch.Absent;

    private static bool IsLike(string table, JsonElement pattern, string key, JsonElement row) => pattern.EnumerateObject().All(column =>
        column.Name == Prefix
            ? key.StartsWith(column.Value.GetString()!, StringComparison.Ordinal)
            : row.TryGetProperty(column.Name, out var value) && CellComparison.Matches(table, column.Name, column.Value, value));
}
