using Datapath.Linux.Netlink;

namespace Datapath.Linux.Masquerade;

/// <summary>Changes a table of nf_tables, and knows what it left there, so that what others do to it can be told from that.</summary>
/// <param name="tables">The tables; not disposed with this.</param>
/// <param name="name">The name of the table.</param>
internal sealed class TableWriter(NftNetlink tables, string name)
{
    private NftImage? _left; // null: not known
    private uint _generation;
    private uint _transactions;
    private bool _isOurs; // all that the table holds

    /// <summary>Begins changes that make all that the table holds. If they fail on the way, it is not known what is left.</summary>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public void Begin()
    {
        _left = null;
        (_generation, _transactions, _isOurs) = (tables.ReadGeneration(), 0, true);
    }

    /// <summary>Begins changes of a part. What others did to the table before is still found after them.</summary>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public void BeginPart()
    {
        (_generation, _transactions) = (tables.ReadGeneration(), 0); // what others do from here on is not in the image that is compared
        (_isOurs, _left) = (IsAsLeft(), null);
    }

    /// <summary>Makes a change.</summary>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public void Commit(NftBatch batch)
    {
        tables.Commit(batch);
        if (!batch.IsEmpty)
            _transactions++;
    }

    /// <summary>Ends changes.</summary>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public void End()
    {
        var image = TryRead();

        // Had somebody else changed something meanwhile, the image could be his.
        if (_isOurs && tables.ReadGeneration() == _generation + _transactions)
            _left = image;
    }

    /// <summary>Whether the table is as it was left.</summary>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public bool IsAsLeft() => _left is { } left && TryRead() == left;

    /// <summary>Removes the table.</summary>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public bool Remove()
    {
        if (!tables.ListTables().Contains(name))
            return false;
        var batch = new NftBatch(name);
        batch.DeleteTable();
        Commit(batch);
        return true;
    }

    private NftImage? TryRead()
    {
        try
        {
            return tables.ReadImage(name);
        }
        catch (NetlinkException e) when (e.Errno is Errno.ENOENT or Errno.EINTR)
        {
            return null; // somebody takes it apart while it is read
        }
    }
}
