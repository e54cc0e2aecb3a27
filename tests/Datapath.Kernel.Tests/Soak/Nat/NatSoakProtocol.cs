namespace Datapath.Kernel.Tests.Soak.Nat;

/// <summary>What a new flow of the soak is.</summary>
internal enum NatSoakProtocol
{
    /// <summary>A connection by which both sides send some bytes.</summary>
    Tcp,

    /// <summary>A datagram and its answer.</summary>
    Udp,

    /// <summary>An echo of ICMP or ICMPv6.</summary>
    Echo,
}
