using System.Collections.Immutable;

namespace Datapath.Linux;

/// <summary>How a <see cref="LinuxMasquerade"/> is.</summary>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public sealed record LinuxMasqueradeStatus
{
    /// <summary>The devices whose packets are translated, by name.</summary>
    public required ImmutableArray<MasqueradeDevice> Devices { get; init; }

    /// <summary>
    /// What is hardly meant, in words for people: devices by which pods' addresses may leave because no program is there, devices without an address,
    /// flows that did not get the address that was asked for, changes of devices that could not be followed. Empty: nothing.
    /// </summary>
    public required ImmutableArray<string> Warnings { get; init; }
}
