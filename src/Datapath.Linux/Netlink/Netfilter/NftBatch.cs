using System.Buffers;

namespace Datapath.Linux.Netlink;

/// <summary>Changes of one table of nf_tables, of the family inet, which the kernel makes all at once or not at all, in the order of the calls.</summary>
/// <remarks>Minimum kernel: 5.2, which has nat for the family inet.</remarks>
internal sealed class NftBatch
{
    // A rule or a set takes some hundred bytes. Elements come by the thousand; their list has a length of 16 bits.
    private const int MessageLength = 60 * 1024;

    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(MessageLength);
    private readonly ArrayBufferWriter<byte> _messages = new();
    private readonly List<(string Verb, string Name)> _changes = [];
    private uint _sets;

    /// <param name="table">The name of the table.</param>
    public NftBatch(string table)
    {
        Table = table;
        AddFrame(Nfnl.NFNL_MSG_BATCH_BEGIN);
    }

    /// <summary>The name of the table.</summary>
    public string Table { get; }

    /// <summary>Whether nothing is to be changed.</summary>
    public bool IsEmpty => _changes.Count == 0;

    /// <summary>Makes the table, if there is none. One that somebody put to sleep is woken.</summary>
    /// <param name="comment">What is said of a new one; <see langword="null"/>: nothing. Kernels before 5.10 keep none.</param>
    /// <param name="isOwned">Whether it goes with the socket that makes it, and none but that may touch it. Minimum kernel: 5.12.</param>
    public void AddTable(string? comment = null, bool isOwned = false)
    {
        var request = Begin(Nft.NFT_MSG_NEWTABLE, Nl.NLM_F_CREATE);
        request.Add(Nft.NFTA_TABLE_NAME, Table);
        request.AddBigEndian(Nft.NFTA_TABLE_FLAGS, isOwned ? Nft.NFT_TABLE_F_OWNER : 0u);
        if (comment is not null)
            NftComment.Write(ref request, comment);
        End(request, "add table", "");
    }

    /// <summary>Deletes the table with all that is in it.</summary>
    public void DeleteTable()
    {
        var request = Begin(Nft.NFT_MSG_DELTABLE);
        request.Add(Nft.NFTA_TABLE_NAME, Table);
        End(request, "delete table", "");
    }

    /// <summary>Makes a counter, if there is none; one that is there counts on.</summary>
    public void AddCounter(string name)
    {
        var request = Begin(Nft.NFT_MSG_NEWOBJ, Nl.NLM_F_CREATE);
        request.Add(Nft.NFTA_OBJ_TABLE, Table);
        request.Add(Nft.NFTA_OBJ_NAME, name);
        request.AddBigEndian(Nft.NFTA_OBJ_TYPE, Nft.NFT_OBJECT_COUNTER);
        request.EndNested(request.BeginNested(Nft.NFTA_OBJ_DATA));
        End(request, "add counter", name);
    }

    /// <summary>Makes a chain, if there is none.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="hook">Where packets enter it; <see langword="null"/> if rules alone lead there.</param>
    public void AddChain(string name, NftHook? hook = null)
    {
        var request = Begin(Nft.NFT_MSG_NEWCHAIN, Nl.NLM_F_CREATE);
        request.Add(Nft.NFTA_CHAIN_TABLE, Table);
        request.Add(Nft.NFTA_CHAIN_NAME, name);
        hook?.Write(ref request);
        End(request, "add chain", name);
    }

    /// <summary>Deletes a chain to which nothing leads.</summary>
    public void DeleteChain(string name)
    {
        var request = Begin(Nft.NFT_MSG_DELCHAIN);
        request.Add(Nft.NFTA_CHAIN_TABLE, Table);
        request.Add(Nft.NFTA_CHAIN_NAME, name);
        End(request, "delete chain", name);
    }

    /// <summary>Appends a rule to a chain.</summary>
    public void AddRule(string chain, params ReadOnlySpan<NftExpression> parts)
    {
        var request = Begin(Nft.NFT_MSG_NEWRULE, Nl.NLM_F_CREATE | Nl.NLM_F_APPEND);
        request.Add(Nft.NFTA_RULE_TABLE, Table);
        request.Add(Nft.NFTA_RULE_CHAIN, chain);
        var list = request.BeginNested(Nft.NFTA_RULE_EXPRESSIONS);
        foreach (var part in parts)
            part.Write(ref request);
        request.EndNested(list);
        End(request, "add a rule to chain", chain);
    }

    /// <summary>Deletes the rules of a chain.</summary>
    public void ClearChain(string name)
    {
        var request = Begin(Nft.NFT_MSG_DELRULE);
        request.Add(Nft.NFTA_RULE_TABLE, Table);
        request.Add(Nft.NFTA_RULE_CHAIN, name);
        End(request, "delete the rules of chain", name);
    }

    /// <summary>Makes a set.</summary>
    public void AddSet(NftSet set)
    {
        var request = Begin(Nft.NFT_MSG_NEWSET, Nl.NLM_F_CREATE | Nl.NLM_F_EXCL);
        request.Add(Nft.NFTA_SET_TABLE, Table);
        set.Write(ref request, ++_sets);
        End(request, "add set", set.Name);
    }

    /// <summary>Deletes a set that no rule uses, and what its elements lead to is free at once.</summary>
    public void DeleteSet(string name)
    {
        var clear = Begin(Nft.NFT_MSG_DELSETELEM);
        clear.Add(Nft.NFTA_SET_ELEM_LIST_TABLE, Table);
        clear.Add(Nft.NFTA_SET_ELEM_LIST_SET, name);
        End(clear, "delete the elements of set", name);
        var request = Begin(Nft.NFT_MSG_DELSET);
        request.Add(Nft.NFTA_SET_TABLE, Table);
        request.Add(Nft.NFTA_SET_NAME, name);
        End(request, "delete set", name);
    }

    /// <summary>Begins to add elements to a set. Nothing else may be added until the result is disposed.</summary>
    public NftElementWriter AddElements(string set) => new(this, set);

    /// <summary>Begins to delete elements of a set, which must be there. Nothing else may be added until the result is disposed.</summary>
    public NftElementWriter DeleteElements(string set) => new(this, set) { IsDeleting = true };

    /// <summary>The whole batch.</summary>
    internal Span<byte> Complete()
    {
        AddFrame(Nfnl.NFNL_MSG_BATCH_END);
        // Copied, since the socket writes numbers into it.
        return _messages.WrittenSpan.ToArray();
    }

    /// <summary>What a message asks for, for example <c>add set 'devices' of table 'nat'</c>.</summary>
    /// <param name="message">Its number from 0; 0 means all.</param>
    internal string Describe(int message)
    {
        if (message == 0)
            return $"change table '{Table}'";
        var (verb, name) = _changes[message - 1];
        return name.Length == 0 ? $"{verb} '{Table}'" : $"{verb} '{name}' of table '{Table}'";
    }

    internal NetlinkWriter BeginElements(string set, bool isDeleting)
    {
        var request = isDeleting ? Begin(Nft.NFT_MSG_DELSETELEM) : Begin(Nft.NFT_MSG_NEWSETELEM, Nl.NLM_F_CREATE);
        request.Add(Nft.NFTA_SET_ELEM_LIST_TABLE, Table);
        request.Add(Nft.NFTA_SET_ELEM_LIST_SET, set);
        return request;
    }

    internal void End(scoped in NetlinkWriter request, string verb, string name)
    {
        _messages.Write(request.Complete(0, 0));
        _changes.Add((verb, name));
    }

    private NetlinkWriter Begin(byte message, ushort flags = 0)
    {
        var request = new NetlinkWriter(_buffer, Nfnl.TypeOf(Nfnl.NFNL_SUBSYS_NFTABLES, message), flags);
        request.Add(new NfGenMsg(Nfnl.NFPROTO_INET));
        return request;
    }

    private void AddFrame(ushort type)
    {
        var frame = new NetlinkWriter(_buffer, type);
        frame.Add(new NfGenMsg(Nfnl.NFPROTO_UNSPEC, Nfnl.NFNL_SUBSYS_NFTABLES));
        _messages.Write(frame.Complete(0, 0));
    }
}
