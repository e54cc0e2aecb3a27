namespace Datapath.Policy;

/// <summary>Guesses what a misspelt name was meant to be.</summary>
internal static class NearestName
{
    /// <summary>How many letters may be wrong.</summary>
    private const int MostMistakes = 2;
    private const int LongestName = 60;

    /// <summary>The hint for a message: empty if no known name is near.</summary>
    public static string Hint(string name, ReadOnlySpan<string> known) => Find(name, known) is { } meant ? $": did you mean {meant}?" : "";

    /// <summary>The known name that is nearest; <see langword="null"/> if none is near.</summary>
    public static string? Find(string name, ReadOnlySpan<string> known)
    {
        if (name.Length > LongestName)
            return null;
        string? nearest = null;
        var fewest = Math.Min(MostMistakes, name.Length / 2) + 1;
        foreach (var candidate in known)
        {
            var mistakes = Distance(Letters(name), Letters(candidate));
            if (mistakes < fewest)
                (nearest, fewest) = (candidate, mistakes);
        }

        return nearest;
    }

    /// <summary>Capitals and hyphens are what is mixed up most.</summary>
    private static string Letters(string name) => name.Replace("-", "", StringComparison.Ordinal).ToUpperInvariant();

    /// <summary>How many letters have to be changed, added or left out to make one name of the other.</summary>
    private static int Distance(string left, string right)
    {
        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 0; i < left.Length; i++)
        {
            var diagonal = row[0]++;
            for (var j = 0; j < right.Length; j++)
            {
                var changed = diagonal + (left[i] == right[j] ? 0 : 1);
                diagonal = row[j + 1];
                row[j + 1] = Math.Min(changed, Math.Min(row[j], row[j + 1]) + 1);
            }
        }

        return row[right.Length];
    }
}
