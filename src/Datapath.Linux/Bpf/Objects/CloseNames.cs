namespace Datapath.Linux.Bpf;

/// <summary>The names that somebody may have meant.</summary>
internal static class CloseNames
{
    /// <summary>So many are read; among more nobody finds theirs.</summary>
    private const int Shown = 8;

    /// <summary>Lists the names that are closest to another, for a message: <c>counts, count_dial and 3 more</c>.</summary>
    /// <param name="wanted">The name that there is not.</param>
    /// <param name="names">Those that there are.</param>
    public static string List(string wanted, IEnumerable<string> names)
    {
        string[] sorted = [.. names.OrderBy(name => Distance(wanted, name)).ThenBy(static name => name, StringComparer.Ordinal)];
        return sorted.Length switch
        {
            0 => "none",
            <= Shown => string.Join(", ", sorted),
            _ => $"{string.Join(", ", sorted.Take(Shown))} and {sorted.Length - Shown} more",
        };
    }

    // How many letters are to be put in, taken out or replaced; another case is no difference.
    private static int Distance(string from, string to)
    {
        var row = new int[to.Length + 1];
        for (var j = 0; j < row.Length; j++)
            row[j] = j;
        for (var i = 1; i <= from.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j < row.Length; j++)
            {
                var replaced = diagonal + (char.ToUpperInvariant(from[i - 1]) == char.ToUpperInvariant(to[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
