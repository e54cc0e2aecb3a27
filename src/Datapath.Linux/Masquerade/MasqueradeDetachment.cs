using System.Collections.Immutable;

namespace Datapath.Linux;

/// <summary>Somebody else detached programs of a <see cref="LinuxMasquerade"/> from a device that is there.</summary>
/// <param name="Device">The name of the device.</param>
/// <param name="Programs">The names of the programs.</param>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public sealed record MasqueradeDetachment(string Device, ImmutableArray<string> Programs)
{
    /// <summary>Why they are not attached again yet, which is tried once a second; <see langword="null"/> if they are.</summary>
    public string? Failure { get; init; }

    /// <summary>For example <c>programs were detached from device 'eth0' (dp_nat_ingress, dp_nat_egress) and are attached again; what left meanwhile may have kept its own address</c>.</summary>
    public override string ToString()
    {
        var programs = string.Join(", ", Programs);
        return Failure is null
            ? $"programs were detached from device '{Device}' ({programs}) and are attached again; what left meanwhile may have kept its own address"
            : $"programs were detached from device '{Device}' ({programs}) and are not attached again yet, which is tried again: {Failure}; what leaves may keep its own address, and answers may be lost";
    }
}
