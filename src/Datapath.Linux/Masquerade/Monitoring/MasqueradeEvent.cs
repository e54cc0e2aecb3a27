namespace Datapath.Linux;

/// <summary>
/// What happened in egress NAT, as a <see cref="MasqueradeMonitor"/> heard of it: a <see cref="MasqueradePacketEvent"/>, a
/// <see cref="MasqueradeMappingMade"/> or a <see cref="MasqueradeMappingEnded"/>.
/// </summary>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public abstract record MasqueradeEvent
{
    private protected MasqueradeEvent()
    {
    }

    /// <summary>When it was.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The IANA protocol number.</summary>
    public required byte Protocol { get; init; }

    /// <summary>Where packets come from, before their translation; of an echo of ICMP the port is the identifier, of protocols without ports it is 0.</summary>
    public required FlowEnd Source { get; init; }

    /// <summary>Where they go.</summary>
    public required FlowEnd Destination { get; init; }
}
