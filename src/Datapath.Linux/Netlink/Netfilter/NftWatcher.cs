namespace Datapath.Linux.Netlink;

/// <summary>
/// Tells what others change of one table of nf_tables of the family inet, in the network namespace of the thread that made this. A transaction is one change.
/// </summary>
/// <remarks>No thread waits. Needs CAP_NET_ADMIN. Minimum kernel: 5.2.</remarks>
internal sealed class NftWatcher : IDisposable
{
    // Room for some thousand notifications: a transaction of somebody else's, with all its elements, must fit.
    private const int BufferLength = 1 << 20;

    private readonly string _table;
    private readonly uint _ownPort;
    private readonly NetlinkChangeStream<NftChange> _stream;
    private bool _isTouched; // by the transaction that is being told

    /// <param name="table">The name of the table.</param>
    /// <param name="ownPort">The socket whose changes are not told.</param>
    /// <exception cref="LinuxException">The kernel refused the socket.</exception>
    public NftWatcher(string table, uint ownPort)
    {
        (_table, _ownPort) = (table, ownPort);
        _stream = new(new(Nfnl.NETLINK_NETFILTER, [Nfnl.NFNLGRP_NFTABLES], BufferLength), Read, new(null, 0, AreLost: true), $"table '{table}'");
    }

    /// <summary>The changes since the constructor, until this is disposed. One reader at a time.</summary>
    /// <exception cref="LinuxException">The kernel refused to go on.</exception>
    public IAsyncEnumerable<NftChange> ReadAllAsync() => _stream.ReadAllAsync();

    public void Dispose() => _stream.Dispose();

    // The kernel tells all that a transaction has changed, and then the transaction, with who made it.
    private void Read(NetlinkMessage message, Queue<NftChange> changes)
    {
        if (message.Type >> 8 != Nfnl.NFNL_SUBSYS_NFTABLES || message.PortId == _ownPort)
            return;
        if ((byte)message.Type is not Nft.NFT_MSG_NEWGEN)
        {
            _isTouched |= IsOfTable(message);
            return;
        }

        if (!_isTouched)
            return;
        _isTouched = false;
        changes.Enqueue(ReadTransaction(message));
    }

    // Whatever is in a table, its first attribute is the table's name.
    private bool IsOfTable(NetlinkMessage message)
    {
        if (message.ReadHeader<NfGenMsg>().Family != Nfnl.NFPROTO_INET)
            return false;
        foreach (var attribute in message.AttributesAfter<NfGenMsg>())
        {
            if (attribute.Type is Nft.NFTA_TABLE_NAME)
                return attribute.AsString() == _table;
        }

        return false;
    }

    private static NftChange ReadTransaction(NetlinkMessage message)
    {
        var (program, process) = (default(string), 0u);
        foreach (var attribute in message.AttributesAfter<NfGenMsg>())
        {
            if (attribute.Type is Nft.NFTA_GEN_PROC_PID)
                process = attribute.AsBigEndian<uint>();
            else if (attribute.Type is Nft.NFTA_GEN_PROC_NAME)
                program = attribute.AsString();
        }

        return new(program, (int)process);
    }
}
