namespace Datapath.BpfObjects.Layout;

/// <summary>What packets of a flow were in one direction.</summary>
[Flags]
[KernelType("dp_flow_seen")]
public enum FlowSeen : byte
{
    /// <summary>There were none.</summary>
    Nothing = 0,

    /// <summary>Some packet.</summary>
    Packet = 1,

    /// <summary>The first of a TCP connection or, with <see cref="Data"/>, the answer to that.</summary>
    Syn = 2,

    /// <summary>Others of a TCP connection.</summary>
    Data = 4,

    /// <summary>The end of one side of a TCP connection. That of the peer counts when the source has acknowledged it.</summary>
    Fin = 8,

    /// <summary>A reset, in the outgoing entry alone: the source's, or one of the peer's that the source accepts.</summary>
    Rst = 16,
}
