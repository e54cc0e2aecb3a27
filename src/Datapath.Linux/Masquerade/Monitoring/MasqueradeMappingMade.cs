namespace Datapath.Linux;

/// <summary>A flow was given a mapping: its packets leave with another source.</summary>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public sealed record MasqueradeMappingMade : MasqueradeEvent
{
    /// <summary>What they leave with.</summary>
    public required FlowEnd Translated { get; init; }

    /// <summary>
    /// Whether the flow has another port than the one that its source has for all peers (<see cref="PortMapping.EndpointIndependent"/>), because that was taken towards
    /// this peer. <see langword="false"/> by default.
    /// </summary>
    public bool IsByPeer { get; init; }

    /// <summary>The index of the device by which they leave.</summary>
    public required int DeviceIndex { get; init; }

    /// <summary>The name of the device; <see langword="null"/> if it is not known.</summary>
    public string? Device { get; init; }
}
