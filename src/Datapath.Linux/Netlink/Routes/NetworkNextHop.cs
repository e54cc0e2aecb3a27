using System.Net;

namespace Datapath.Linux.Netlink;

/// <summary>One of several ways that a route takes in turns, by flow.</summary>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public sealed record NetworkNextHop
{
    /// <summary>The gateway; <see langword="null"/> (the default) if the destination is on the link.</summary>
    public IPAddress? Gateway { get; init; }

    /// <summary>The interface to send from; 0 (the default) lets the kernel find it by the gateway.</summary>
    public int InterfaceIndex { get; init; }

    /// <summary>How many flows it gets in proportion to the others, 1 (the default) to 256.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>Takes the gateway to be on the link though no address of the interface says so. The default is <see langword="false"/>.</summary>
    public bool IsOnLink { get; init; }

    /// <summary>What is put round packets; as <see cref="NetworkRoute.Encapsulation"/> it can only be listed.</summary>
    public RouteEncapsulation Encapsulation { get; init; }
}
