using System.Net;

namespace Datapath;

/// <summary>A packet that is about to leave the node, as far as the decision about its source address depends on it.</summary>
/// <param name="Source">Where it comes from.</param>
/// <param name="Destination">Where it goes, of the same family.</param>
public readonly record struct MasqueradePacket(IPAddress Source, IPAddress Destination)
{
    /// <summary>The name of the interface by which it came in. Default: <see langword="null"/>, it is the host's own.</summary>
    public string? Interface { get; init; }

    /// <summary>Whether it answers a flow that was begun from outside. Default: no.</summary>
    public bool IsReply { get; init; }

    /// <summary>
    /// Whether its source is an address that packets which leave by the same device are translated to; for the node's main address also on
    /// the device that the node reaches its peers by. Default: no.
    /// </summary>
    public bool IsFromNatAddress { get; init; }

    /// <summary>For example <c>10.0.1.7 to 192.0.2.1 in by eth0, a reply</c>.</summary>
    public override string ToString()
    {
        var text = $"{Source} to {Destination}{(Interface is null ? "" : $" in by {Interface}")}";
        return text + (IsReply ? ", a reply" : "") + (IsFromNatAddress ? ", from the NAT address" : "");
    }
}
