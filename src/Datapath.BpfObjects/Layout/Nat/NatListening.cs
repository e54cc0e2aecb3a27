namespace Datapath.BpfObjects.Layout;

/// <summary>Who may listen to egress NAT.</summary>
[KernelType("dp_nat_listening")]
public enum NatListening
{
    /// <summary>Listeners, of which the first watches and the second keeps a log.</summary>
    Listeners = 2,

    /// <summary>Bits of <see cref="NatState.Hears"/> for each listener: one for each <see cref="NatEventKind"/>.</summary>
    ListenerBits = 4,

#pragma warning disable CA1069 // it is the same by chance
    /// <summary>Numbers that are counted for each listener: events that were lost, packets that were held back.</summary>
    ListenerCounts = 2,
#pragma warning restore CA1069

    /// <summary>Reasons of packets, more than there are.</summary>
    Reasons = 32,
}
