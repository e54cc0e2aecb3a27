using System.Net;

namespace Datapath.Linux.Services;

/// <summary>Where a range is: what tells it from others. In the order of addresses, then ports.</summary>
internal readonly record struct RangePlace(IPNetwork Prefix, ushort FirstPort, ushort LastPort, L4Protocol Protocol) : IComparable<RangePlace>
{
    public RangePlace(FrontendRange range)
        : this(range.Prefix, range.FirstPort, range.LastPort, range.Protocol)
    {
    }

    public RangePlace(ExpectedRange range)
        : this(range.Prefix, range.FirstPort, range.LastPort, range.Protocol)
    {
    }

    public RangePlace(ProgrammedRange range)
        : this(range.Prefix, range.FirstPort, range.LastPort, range.Protocol)
    {
    }

    /// <summary>The first address and port.</summary>
    public L4Address First => new(Prefix.BaseAddress, FirstPort, Protocol);

    public int CompareTo(RangePlace other) => First.CompareTo(other.First) is not 0 and var byAddress ? byAddress
        : Prefix.PrefixLength != other.Prefix.PrefixLength ? Prefix.PrefixLength.CompareTo(other.Prefix.PrefixLength)
        : LastPort.CompareTo(other.LastPort);

    public override string ToString() => new FrontendRange(Prefix, FirstPort, LastPort, Protocol, []).ToString();
}
