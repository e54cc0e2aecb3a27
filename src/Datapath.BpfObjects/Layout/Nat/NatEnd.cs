namespace Datapath.BpfObjects.Layout;

/// <summary>Why a translated flow ended.</summary>
[KernelType("dp_nat_end")]
public enum NatEnd : byte
{
    /// <summary>TCP ended it: by a reset, or from both sides.</summary>
    Closed = 0,

    /// <summary>No packet came for as long as it lives without.</summary>
    Expired = 1,

    /// <summary>The machine has the address no more that it was translated to.</summary>
    AddressGone = 2,

    /// <summary>Egress NAT was removed, or ended with its process.</summary>
    Removed = 3,
}
