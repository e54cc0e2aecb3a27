using Datapath.BpfObjects.Layout;

namespace Datapath.Linux;

/// <summary>A packet was dropped, or left as it is because nothing is known of what it belongs to.</summary>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public sealed record MasqueradePacketEvent : MasqueradeEvent
{
    /// <summary>Why, by the counter that counts it.</summary>
    public required NatCounter Reason { get; init; }

    /// <summary>Whether it was dropped.</summary>
    public required bool IsDropped { get; init; }

    /// <summary>Whether it came in by the device: then its destination is an address of the machine. Otherwise it was to leave.</summary>
    public required bool IsIncoming { get; init; }

    /// <summary>The index of the device.</summary>
    public required int DeviceIndex { get; init; }

    /// <summary>The name of the device; <see langword="null"/> if it is not known.</summary>
    public string? Device { get; init; }

    /// <summary>How many packets of the same reason and processor were held back since the last that was told, see <see cref="MasqueradeMonitorOptions.PacketsPerSecond"/>.</summary>
    public required long HeldBack { get; init; }
}
