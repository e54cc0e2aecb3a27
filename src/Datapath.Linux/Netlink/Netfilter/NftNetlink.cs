namespace Datapath.Linux.Netlink;

/// <summary>
/// The tables of nf_tables of the family inet, in one network namespace: the one in which this object was made, whichever thread uses it later.
/// Safe for use by several threads: requests take turns.
/// </summary>
/// <remarks>Minimum kernel: 5.2.</remarks>
internal sealed partial class NftNetlink : IDisposable
{
    private const int RequestLength = 1024; // two names of up to 256 bytes

    private readonly NetlinkSocket _socket;

    /// <exception cref="LinuxException">The kernel was built without netfilter, or no descriptor is left.</exception>
    public NftNetlink()
        : this(new NetlinkSocket(Nfnl.NETLINK_NETFILTER) { Owner = nameof(NftNetlink) })
    {
    }

    internal NftNetlink(NetlinkSocket socket) => _socket = socket;

    /// <summary>The tables, if the kernel has any place for them.</summary>
    /// <returns><see langword="null"/> if it was built without netfilter.</returns>
    /// <exception cref="LinuxException">No descriptor is left.</exception>
    public static NftNetlink? OpenIfKnown() => NetlinkSocket.OpenIfKnown(Nfnl.NETLINK_NETFILTER, nameof(NftNetlink)) is { } socket ? new(socket) : null;

    /// <summary>Makes the changes of a batch, all of them or none.</summary>
    /// <exception cref="NetlinkException">The kernel refused; the message names the first thing that it did not like.</exception>
    public void Commit(NftBatch batch)
    {
        if (batch.IsEmpty)
            return;
        var ack = _socket.ExecuteBatch(batch.Complete(), out var refused);
        NetlinkException.ThrowIfFailed(ack, $"{batch.Describe(refused)}");
    }

    /// <summary>The names of the tables; none if the kernel was built without nf_tables.</summary>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public IReadOnlyList<string> ListTables()
    {
        try
        {
            return List(Nft.NFT_MSG_GETTABLE, "tables", static message => Text(message, Nft.NFTA_TABLE_NAME));
        }
        catch (NetlinkException e) when (e is { Errno: Errno.EINVAL, KernelMessage: null })
        {
            return []; // netfilter's answer where nobody answers for a subsystem; a listing has nothing else that could be invalid
        }
    }

    /// <summary>The comment of a table; <see langword="null"/> if it has none, there is no such table, or the kernel is older than 5.10.</summary>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public string? ReadComment(string table) =>
        List(Nft.NFT_MSG_GETTABLE, "tables", message => Text(message, Nft.NFTA_TABLE_NAME) == table ? NftComment.Read(message) : null).FirstOrDefault();

    /// <summary>The names of the chains of a table.</summary>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public IReadOnlyList<string> ListChains(string table) => List(
        Nft.NFT_MSG_GETCHAIN, $"chains of table '{table}'",
        message => Text(message, Nft.NFTA_CHAIN_TABLE) == table ? Text(message, Nft.NFTA_CHAIN_NAME) : null);

    /// <summary>The names of the sets of a table.</summary>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public IReadOnlyList<string> ListSets(string table) => List(
        Nft.NFT_MSG_GETSET, $"sets of table '{table}'",
        message => Text(message, Nft.NFTA_SET_TABLE) == table ? Text(message, Nft.NFTA_SET_NAME) : null);

    /// <summary>The counters of a table, and how many packets they have counted.</summary>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public IReadOnlyDictionary<string, long> ReadCounters(string table) => List(
        Nft.NFT_MSG_GETOBJ, $"counters of table '{table}'",
        message => Text(message, Nft.NFTA_OBJ_TABLE) == table ? ReadCounter(message) : null).ToDictionary(static counter => counter.Name, static counter => counter.Packets);

    public void Dispose() => _socket.Dispose();

    private static string? Text(NetlinkMessage message, ushort type)
    {
        foreach (var attribute in message.AttributesAfter<NfGenMsg>())
        {
            if (attribute.Type == type)
                return attribute.AsString();
        }

        return null;
    }

    private static NftCounter? ReadCounter(NetlinkMessage message)
    {
        var type = 0u;
        var packets = 0ul;
        foreach (var attribute in message.AttributesAfter<NfGenMsg>())
        {
            if (attribute.Type is Nft.NFTA_OBJ_TYPE)
                type = attribute.AsBigEndian<uint>();
            if (attribute.Type is not Nft.NFTA_OBJ_DATA)
                continue;
            foreach (var data in attribute.Nested())
            {
                if (data.Type is Nft.NFTA_COUNTER_PACKETS)
                    packets = data.AsBigEndian<ulong>();
            }
        }

        return type == Nft.NFT_OBJECT_COUNTER ? new(Text(message, Nft.NFTA_OBJ_NAME) ?? "", (long)packets) : null;
    }

    private List<T> List<T>(byte message, string what, Func<NetlinkMessage, T?> read)
        where T : class
    {
        var request = Begin(stackalloc byte[RequestLength], message);
        return _socket.List(ref request, read, what);
    }

    private static NetlinkWriter Begin(Span<byte> buffer, byte message)
    {
        var request = new NetlinkWriter(buffer, Nfnl.TypeOf(Nfnl.NFNL_SUBSYS_NFTABLES, message));
        request.Add(new NfGenMsg(Nfnl.NFPROTO_INET));
        return request;
    }

    private sealed record NftCounter(string Name, long Packets);
}
