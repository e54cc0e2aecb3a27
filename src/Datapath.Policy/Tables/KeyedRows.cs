using System.Collections.ObjectModel;

namespace Datapath.Policy.Tables;

/// <summary>Makes tables whose rows have keys.</summary>
internal static class KeyedRows
{
    /// <summary>The rows in the order given. Of several with one key the first counts.</summary>
    public static ReadOnlyDictionary<string, T> Of<T>(IEnumerable<(string Key, T Row)> rows)
    {
        var table = new OrderedDictionary<string, T>();
        foreach (var (key, row) in rows)
            _ = table.TryAdd(key, row);
        return new(table);
    }
}
