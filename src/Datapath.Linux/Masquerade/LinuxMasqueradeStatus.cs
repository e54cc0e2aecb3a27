using System.Collections.Immutable;

namespace Datapath.Linux;

/// <summary>How a <see cref="LinuxMasquerade"/> or an <see cref="NftablesMasquerade"/> is.</summary>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public sealed record LinuxMasqueradeStatus
{
    /// <summary>The devices whose packets are translated, by name.</summary>
    public required ImmutableArray<MasqueradeDevice> Devices { get; init; }

    /// <summary>
    /// What is hardly meant, in words for people: devices without an address, changes of devices that could not be followed, devices by which pods' addresses may
    /// leave because they are not covered, rules of an earlier process that are still in force; of <see cref="LinuxMasquerade"/> also flows that did not get the
    /// address that was asked for, programs that others detached and pins that they deleted, of <see cref="NftablesMasquerade"/> what others did to its table. Empty: nothing.
    /// </summary>
    public required ImmutableArray<string> Warnings { get; init; }

    /// <summary>One line: the devices, and all warnings.</summary>
    public override string ToString() => string.Join("; ", [$"at {(Devices.IsEmpty ? "no device" : string.Join(", ", Devices.Select(static device => device.Name)))}", .. Warnings]);
}
