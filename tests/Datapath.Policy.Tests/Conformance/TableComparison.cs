using System.Text.Json;

namespace Datapath.Policy.Tests.Conformance;

/// <summary>
/// Compares tables with what is asserted of them: a table that is asserted is complete, of its rows the asserted columns count. Rows and
/// lists are sets unless <see cref="TableShape"/> says otherwise.
/// </summary>
internal static class TableComparison
{
    /// <summary>Shown elsewhere in a form that is meant for people only.</summary>
    private const string Informative = "lrpList";

    /// <summary>At most so many backends are told, if there is a column with their number.</summary>
    private const int MostTold = 5;

    public static List<Mismatch> Compare(JsonElement expected, JsonElement actual)
    {
        var mismatches = new List<Mismatch>();
        foreach (var table in expected.EnumerateObject())
        {
            if (table.Name == Informative)
                continue;
            if (table.Name == "maps")
            {
                foreach (var map in table.Value.EnumerateObject())
                    CompareTable("maps." + map.Name, map.Value, actual, mismatches);
            }
            else if (!PartialChecks.TryCompare(table, actual, mismatches))
            {
                CompareTable(table.Name, table.Value, actual, mismatches);
            }
        }

        return mismatches;
    }

    private static void CompareTable(string table, JsonElement expected, JsonElement tables, List<Mismatch> mismatches)
    {
        var shape = TableShape.Of(table);
        var left = shape.Rows(TableShape.Find(table, tables)).ToList();
        var found = new List<int>();
        var places = left.Select(static row => row.Key).ToList();
        foreach (var (key, row) in shape.Rows(expected))
        {
            var index = left.FindIndex(other => IsSameRow(shape, key, row, other));
            if (index < 0)
            {
                mismatches.Add(new(table, key, Mismatch.WholeRow, Mismatch.Present, Mismatch.Absent));
                continue;
            }

            found.Add(places.IndexOf(left[index].Key));
            CompareRow(table, key, row, left[index].Row, mismatches);
            left.RemoveAt(index);
        }

        foreach (var (key, _) in left)
            mismatches.Add(new(table, key, Mismatch.WholeRow, Mismatch.Absent, Mismatch.Present));
        if (shape.IsOrdered && !found.SequenceEqual(found.Order()))
            mismatches.Add(new(table, "", Mismatch.Order, string.Join(", ", shape.Rows(expected).Select(static row => row.Key)), string.Join(", ", places)));
    }

    private static bool IsSameRow(TableShape shape, string key, JsonElement row, (string Key, JsonElement Row) other) =>
        shape.Keys.Length == 0 ? other.Key == key : TableShape.Key(other.Row, shape.Keys.Where(column => row.TryGetProperty(column, out _))) == key;

    private static void CompareRow(string table, string key, JsonElement expected, JsonElement actual, List<Mismatch> mismatches)
    {
        if (expected.ValueKind is not JsonValueKind.Object)
        {
            CompareCell(table, key, "value", expected, actual, mismatches);
            return;
        }

        var hasTotal = expected.TryGetProperty("backendsTotal", out var total);
        foreach (var column in expected.EnumerateObject())
        {
            if (column.Name == "backendsTotal")
                CompareCell(table, key, column.Name, total, JsonSerializer.SerializeToElement(actual.GetProperty("backends").GetArrayLength()), mismatches);
            else if (!actual.TryGetProperty(column.Name, out var value))
                mismatches.Add(new(table, key, column.Name, Text(column.Value), Mismatch.Absent));
            else if (hasTotal && column.Name == "backends")
                CompareCell(table, key, column.Name, column.Value, JsonSerializer.SerializeToElement(value.EnumerateArray().Take(MostTold)), mismatches);
            else
                CompareCell(table, key, column.Name, column.Value, value, mismatches);
        }

        foreach (var column in TableShape.AbsentIfNone(table))
        {
            if (!expected.TryGetProperty(column, out _) && actual.TryGetProperty(column, out var value))
                mismatches.Add(new(table, key, column, Mismatch.Absent, Text(value)));
        }
    }

    private static void CompareCell(string table, string key, string column, JsonElement expected, JsonElement actual, List<Mismatch> mismatches)
    {
        if (!CellComparison.Matches(table, column, expected, actual))
            mismatches.Add(new(table, key, column, Text(expected), Text(actual)));
    }

    private static string Text(JsonElement value) => JsonSerializer.Serialize(value);
}
