using System.Net;

namespace Datapath.Linux.Netlink;

/// <summary>An address of an interface as the kernel lists it.</summary>
/// <param name="InterfaceIndex">The interface.</param>
/// <param name="Address">The address.</param>
/// <param name="PrefixLength">How many leading bits name the network on the link.</param>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public sealed record NetworkAddress(int InterfaceIndex, IPAddress Address, int PrefixLength)
{
    /// <summary>Whether IPv6 still looks for duplicates on the link, so that the address cannot be used yet.</summary>
    public bool IsTentative { get; init; }

    /// <summary>Whether its preferred lifetime is over: what begins now should have another source. Default: <see langword="false"/>.</summary>
    public bool IsDeprecated { get; init; }
}
