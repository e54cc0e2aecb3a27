namespace Datapath.Policy.Tables;

/// <summary>The order of addresses in tables: like that of <see cref="L4Address"/>, but protocols by their letters.</summary>
internal sealed class TableOrder : IComparer<L4Address>
{
    public static TableOrder OfAddresses { get; } = new();

    public int Compare(L4Address x, L4Address y)
    {
        var order = x.CompareTo(y);
        var isSamePlace = x.Protocol != y.Protocol && x.Port == y.Port && x.Address.Equals(y.Address);
        return isSamePlace ? string.CompareOrdinal(x.Protocol.ToString(), y.Protocol.ToString()) : order;
    }
}
