namespace Datapath.Linux.Netlink;

/// <summary>Adds elements to a set, or deletes them, in as many messages as they take. Each element once; those of intervals in ascending order.</summary>
internal ref struct NftElementWriter
{
    // Leaves room in a message for one more element, whose longest part is the name of a chain: 256 bytes.
    private const int EnoughLength = 56 * 1024;

    private readonly NftBatch _batch;
    private readonly string _set;
    private NetlinkWriter _request;
    private int _list;
    private bool _isOpen;

    internal NftElementWriter(NftBatch batch, string set) => (_batch, _set) = (batch, set);

    /// <summary>Whether what is added here is deleted from the set. Default: no.</summary>
    public bool IsDeleting { get; init; }

    /// <summary>Adds a key, or the beginning of an interval.</summary>
    public void Add(scoped ReadOnlySpan<byte> key)
    {
        var element = Begin(key);
        _request.EndNested(element);
    }

    /// <summary>Adds a key, or the beginning of an interval, with its value.</summary>
    public void Add(scoped ReadOnlySpan<byte> key, scoped ReadOnlySpan<byte> value)
    {
        var element = Begin(key);
        NftData.Write(ref _request, Nft.NFTA_SET_ELEM_DATA, value);
        _request.EndNested(element);
    }

    /// <summary>Adds a key, or the beginning of an interval, with its verdict.</summary>
    public void Add(scoped ReadOnlySpan<byte> key, NftVerdict verdict)
    {
        var element = Begin(key);
        verdict.Write(ref _request, Nft.NFTA_SET_ELEM_DATA);
        _request.EndNested(element);
    }

    /// <summary>Adds the end of an interval: the first key that is not in it.</summary>
    public void AddEnd(scoped ReadOnlySpan<byte> key)
    {
        var element = Begin(key);
        _request.AddBigEndian(Nft.NFTA_SET_ELEM_FLAGS, Nft.NFT_SET_ELEM_INTERVAL_END);
        _request.EndNested(element);
    }

    /// <summary>Ends the last message.</summary>
    public void Dispose()
    {
        if (!_isOpen)
            return;
        _request.EndNested(_list);
        _batch.End(_request, IsDeleting ? "delete elements of set" : "add elements to set", _set);
        _isOpen = false;
    }

    private int Begin(scoped ReadOnlySpan<byte> key)
    {
        if (_isOpen && _request.Length > EnoughLength)
            Dispose();
        if (!_isOpen)
        {
            _request = _batch.BeginElements(_set, IsDeleting);
            _list = _request.BeginNested(Nft.NFTA_SET_ELEM_LIST_ELEMENTS);
            _isOpen = true;
        }

        var element = _request.BeginNested(Nft.NFTA_LIST_ELEM);
        NftData.Write(ref _request, Nft.NFTA_SET_ELEM_KEY, key);
        return element;
    }
}
