using System.Net;
using System.Net.Sockets;

namespace Datapath.Linux;

/// <summary>What a <see cref="MasqueradeMonitor"/> hears of. What is left out filters nothing.</summary>
/// <remarks>Minimum kernel: none; it is a value. <see cref="MasqueradeMonitor"/> says its own.</remarks>
public sealed record MasqueradeMonitorOptions
{
    /// <summary>
    /// Whether it keeps a log: there is room for one that does beside one that watches, each with a ring of its own, of 4 MiB and of 1 MiB. Default:
    /// <see langword="false"/>, it watches.
    /// </summary>
    public bool KeepsLog { get; init; }

    /// <summary>Whether packets are told that were dropped, or left as they are (<see cref="MasqueradePacketEvent"/>). Default: <see langword="true"/>.</summary>
    public bool Packets { get; init; } = true;

    /// <summary>
    /// Whether it is told which flows are given a mapping and which have none any more (<see cref="MasqueradeMappingMade"/>,
    /// <see cref="MasqueradeMappingEnded"/>). Default: <see langword="true"/>.
    /// </summary>
    public bool Mappings { get; init; } = true;

    /// <summary>IPv4 or IPv6 only. Default: both.</summary>
    public AddressFamily? Family { get; init; }

    /// <summary>This protocol only, by its IANA number, 1 or more. Default: all.</summary>
    public byte? Protocol { get; init; }

    /// <summary>What comes from this range only, before its translation. Default: all.</summary>
    public IPNetwork? Source { get; init; }

    /// <summary>What goes to this range only. Default: all.</summary>
    public IPNetwork? Destination { get; init; }

    /// <summary>
    /// How many packets of each reason are told in a second on each processor, 1 or more: others are held back, and counted. It holds for packets alone, not
    /// for mappings. Default: 10.
    /// </summary>
    public int PacketsPerSecond { get; init; } = 10;

    /// <summary>
    /// Names a device by its index, <see langword="null"/> if it is not known. Called by whoever reads. Default: what a <see cref="LinuxMasquerade"/> knows from
    /// which the monitor was opened; without one, no names.
    /// </summary>
    public Func<int, string?>? DeviceNames { get; init; }

    /// <summary>The family that the options come down to; <see langword="null"/>: both.</summary>
    internal AddressFamily? AskedFamily => Family ?? Source?.BaseAddress.AddressFamily ?? Destination?.BaseAddress.AddressFamily;

    internal void ThrowIfInvalid()
    {
        if (!Packets && !Mappings)
            throw new ArgumentException("Packets and Mappings are both false: there is nothing to hear", nameof(Mappings));
        if (Family is not (null or AddressFamily.InterNetwork or AddressFamily.InterNetworkV6))
            throw new ArgumentOutOfRangeException(nameof(Family), Family, "must be InterNetwork or InterNetworkV6");
        if (Protocol is 0)
            throw new ArgumentOutOfRangeException(nameof(Protocol), 0, "no flow has this protocol");
        ArgumentOutOfRangeException.ThrowIfLessThan(PacketsPerSecond, 1);
        ThrowUnlessAsked(Source, nameof(Source));
        ThrowUnlessAsked(Destination, nameof(Destination));
    }

    private void ThrowUnlessAsked(IPNetwork? range, string name)
    {
        if (range is { } network && network.BaseAddress.AddressFamily != AskedFamily)
            throw new ArgumentException($"{name} is {network}, but only {AskedFamily} is asked for", name);
    }
}
