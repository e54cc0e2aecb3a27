using System.Net;

namespace Datapath.Linux.Netlink;

/// <summary>A packet whose route is asked for.</summary>
/// <param name="Destination">Where it goes.</param>
/// <remarks>Minimum kernel: 5.10, as <see cref="RouteNetlink"/>.</remarks>
public sealed record RouteLookup(IPAddress Destination)
{
    /// <summary>Where it comes from, of the family of <see cref="Destination"/>; <see langword="null"/> (the default) lets the kernel choose an own address.</summary>
    public IPAddress? Source { get; init; }

    /// <summary>The interface it came in by, for a packet to be forwarded; 0 (the default) means that it is sent by this machine.</summary>
    public int InputIndex { get; init; }

    /// <summary>The interface it must leave by; 0 (the default) means any.</summary>
    public int OutputIndex { get; init; }

    /// <summary>Its mark, for routing rules. The default is 0.</summary>
    public uint Mark { get; init; }
}
