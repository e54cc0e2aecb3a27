namespace Datapath.Linux.Bpf;

/// <summary>On whose packets of a pair of netkit devices a program decides.</summary>
/// <remarks>Minimum kernel: 6.7.</remarks>
public enum NetkitSide
{
    /// <summary>Those that are sent into the primary device, as a rule by the host.</summary>
    Primary,

    /// <summary>Those that are sent into its peer, as a rule by a container.</summary>
    Peer,
}
