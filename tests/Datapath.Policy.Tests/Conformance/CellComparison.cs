using System.Text.Json;

namespace Datapath.Policy.Tests.Conformance;

/// <summary>Compares single cells.</summary>
internal static class CellComparison
{
    public static bool Matches(string table, string column, JsonElement expected, JsonElement actual) => column switch
    {
        "maglev" => MatchesMaglev(expected, actual),
        _ => Matches(expected, actual, TableShape.IsOrderedList(table, column), TableShape.IsComplete(column)),
    };

    private static bool Matches(JsonElement expected, JsonElement actual, bool isOrdered, bool isComplete)
    {
        if (expected.ValueKind != actual.ValueKind)
            return false;
        return expected.ValueKind switch
        {
            JsonValueKind.Object => MatchesObject(expected, actual, isComplete),
            JsonValueKind.Array => isOrdered ? MatchesList(expected, actual) : MatchesSet(expected, actual),
            _ => JsonElement.DeepEquals(expected, actual),
        };
    }

    private static bool MatchesObject(JsonElement expected, JsonElement actual, bool isComplete) =>
        (!isComplete || expected.GetPropertyCount() == actual.GetPropertyCount())
        && expected.EnumerateObject().All(item =>
            actual.TryGetProperty(item.Name, out var value) && Matches(item.Value, value, isOrdered: false, isComplete));

    private static bool MatchesList(JsonElement expected, JsonElement actual) =>
        expected.GetArrayLength() == actual.GetArrayLength()
        && expected.EnumerateArray().Zip(actual.EnumerateArray()).All(static pair => Matches(pair.First, pair.Second, isOrdered: false, isComplete: false));

    private static bool MatchesSet(JsonElement expected, JsonElement actual)
    {
        var left = actual.EnumerateArray().ToList();
        foreach (var item in expected.EnumerateArray())
        {
            var found = left.FindIndex(other => Matches(item, other, isOrdered: false, isComplete: false));
            if (found < 0)
                return false;
            left.RemoveAt(found);
        }

        return left.Count == 0;
    }

    /// <summary>The backends and the number of all cells; how many cells each has depends on a hash.</summary>
    private static bool MatchesMaglev(JsonElement expected, JsonElement actual)
    {
        if (expected.ValueKind is not JsonValueKind.Object || actual.ValueKind is not JsonValueKind.Object)
            return expected.ValueKind == actual.ValueKind;
        var (ours, theirs) = (Cells(actual), Cells(expected));
        return ours.Keys.ToHashSet().SetEquals(theirs.Keys) && ours.Values.Sum() == theirs.Values.Sum();
    }

    private static Dictionary<string, int> Cells(JsonElement table) =>
        table.EnumerateObject().ToDictionary(static item => item.Name, static item => item.Value.GetInt32());
}
