namespace Datapath.Linux.Masquerade;

/// <summary>Refuses options that make no sense.</summary>
internal static class NftablesOptionsCheck
{
    private const int LongestName = 255;

    public static void ThrowIfInvalid(NftablesMasqueradeOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ThrowIfNoName(options.Table);
        ArgumentOutOfRangeException.ThrowIfZero(options.FirstPort);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.LastPort, options.FirstPort);
    }

    /// <summary>What nft(8) could not name nobody could look at.</summary>
    public static void ThrowIfNoName(string table)
    {
        ArgumentException.ThrowIfNullOrEmpty(table);
        if (table.Length > LongestName || !char.IsAsciiLetter(table[0]) || !table.All(static c => char.IsAsciiLetterOrDigit(c) || c == '_'))
            throw new ArgumentException($"Table: '{table}' must be letters, digits and underscores, the first a letter, at most {LongestName}", nameof(table));
    }
}
