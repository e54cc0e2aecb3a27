using System.Text;
using Datapath.Linux.Netlink;

namespace Datapath.Linux.Masquerade;

/// <summary>Refuses options that make no sense.</summary>
internal static class NftablesOptionsCheck
{
    public static void ThrowIfInvalid(NftablesMasqueradeOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ThrowIfNoName(options.Table);
        ThrowIfNoOwner(options.Owner);
        OptionCheck.ThrowIfUnknown(options.Lifetime);
        OptionCheck.ThrowIfNoList(options.Devices);
        OptionCheck.ThrowIfNoList(options.NodeAddresses);
        if (options.PreviousBpfRoot is not null)
            OptionCheck.ThrowIfNoPath(options.PreviousBpfRoot);
        ArgumentOutOfRangeException.ThrowIfZero(options.FirstPort);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.LastPort, options.FirstPort);
    }

    /// <summary>What has no room in the comment of a table.</summary>
    public static void ThrowIfNoOwner(string? owner)
    {
        if (owner is not null && (owner.Length == 0 || owner.Contains('\0', StringComparison.Ordinal) || Encoding.UTF8.GetByteCount(owner) > NftComment.MaxLength))
            throw new ArgumentException($"Owner: '{owner}' must have 1 to {NftComment.MaxLength} bytes of UTF-8, none of them zero", nameof(owner));
    }

    /// <summary>What nft(8) could not name nobody could look at.</summary>
    public static void ThrowIfNoName(string table)
    {
        ArgumentException.ThrowIfNullOrEmpty(table);
        if (table.Length > TableLock.MostLetters || !char.IsAsciiLetter(table[0]) || !table.All(static c => char.IsAsciiLetterOrDigit(c) || c == '_'))
            throw new ArgumentException($"Table: '{table}' must be letters, digits and underscores, the first a letter, at most {TableLock.MostLetters}", nameof(table));
        if (table.EndsWith(TableLock.Suffix, StringComparison.Ordinal))
            throw new ArgumentException($"Table: '{table}' must not end in {TableLock.Suffix}: so tables are called by which others are locked", nameof(table));
    }
}
