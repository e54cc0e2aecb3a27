namespace Datapath.Linux;

/// <summary>Which port the datagrams of a source leave by when they are for different peers. The terms are those of RFC 4787, section 4.1.</summary>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public enum PortMapping
{
    /// <summary>One for each peer. So an address has all its ports towards each of them.</summary>
    EndpointDependent,

    /// <summary>
    /// The same for all, while any flow of the source lives: programs that learn their outer port from one peer to tell it to another, as STUN, WebRTC and games do, work.
    /// An address serves as many sources of datagrams as it has ports. What comes from peers that the source has not written to is not let in. TCP and echoes are mapped by peer.
    /// </summary>
    EndpointIndependent,
}
