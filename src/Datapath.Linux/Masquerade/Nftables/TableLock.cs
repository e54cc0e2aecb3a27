using System.Globalization;
using Datapath.Linux.Netlink;

namespace Datapath.Linux.Masquerade;

/// <summary>
/// Lets one process at a time manage a table of a network namespace, however the processes are shut off from each other otherwise: beside the table stands an
/// empty one that belongs to the socket of who manages it. The kernel lets nobody else touch that, and removes it with the socket.
/// </summary>
internal static class TableLock
{
    private const string Signature = "managed by process ";
    private static readonly Version s_withOwners = new(5, 12);

    /// <summary>What the name of the empty table has behind that of the other.</summary>
    public const string Suffix = "_lock";

    /// <summary>How long the name of a table may be, so that there is one for its lock.</summary>
    public const int MostLetters = 250;

    /// <summary>Takes the lock for as long as a socket is open. Below Linux 5.12 there is none.</summary>
    /// <param name="tables">The socket, in the network namespace.</param>
    /// <param name="table">The name of the table.</param>
    /// <exception cref="DatapathInUseException">Another socket has the lock.</exception>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public static void Take(NftNetlink tables, string table)
    {
        var name = table + Suffix;
        var batch = new NftBatch(name);
        batch.AddTable(string.Create(CultureInfo.InvariantCulture, $"{Signature}{Environment.ProcessId}"), isOwned: true);
        try
        {
            tables.Commit(batch);
        }
        catch (NetlinkException e) when (e.Errno is Errno.EPERM && tables.ListTables().Contains(name))
        {
            throw DatapathInUseException.OfTable(table, SignerOf(tables.ReadComment(name)));
        }
        catch (NetlinkException e) when (e.Errno is Errno.EOPNOTSUPP or Errno.EINVAL && KernelRelease.Running.Version < s_withOwners)
        {
            // Whose a table is cannot be said there.
        }
    }

    private static uint SignerOf(string? comment) =>
        comment is not null && comment.StartsWith(Signature, StringComparison.Ordinal)
            && uint.TryParse(comment.AsSpan(Signature.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0;
}
