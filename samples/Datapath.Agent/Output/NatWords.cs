using Datapath.BpfObjects.Layout;

namespace Datapath.Agent.Output;

/// <summary>What becomes of packets and flows of masquerading, in words.</summary>
internal static class NatWords
{
    public static string Of(NatCounter reason) => reason switch
    {
        NatCounter.RefusedNoPort => "no port is free",
        NatCounter.RefusedFull => "table of flows is full",
        NatCounter.RefusedNoAddress => "device has no address",
        NatCounter.RefusedProtocol => "protocol cannot be translated",
        NatCounter.RefusedFragment => "first fragment was not seen",
        NatCounter.RefusedFragmentExpired => "first fragment did not come",
        NatCounter.RefusedFragmentCrowded => "too many fragments without first",
        NatCounter.RefusedTagged => "too many tags or labels",
        NatCounter.RefusedMalformed => "malformed",
        NatCounter.RefusedMoving => "flows are moving",
        NatCounter.UnknownFragment => "first fragment was not seen",
        NatCounter.Orphan => "nobody knows the connection",
        NatCounter.MappedByPeer => "its source's port is taken towards this peer",
        _ => $"reason {(int)reason}",
    };

    public static string Of(NatEnd reason) => reason switch
    {
        NatEnd.Closed => "closed",
        NatEnd.Expired => "expired",
        NatEnd.AddressGone => "address gone",
        NatEnd.Removed => "removed",
        _ => $"end {(int)reason}",
    };
}
