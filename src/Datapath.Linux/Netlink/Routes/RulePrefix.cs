using System.Net;

namespace Datapath.Linux.Netlink;

/// <summary>
/// The addresses that a routing rule is for: those that begin as one does. Unlike a network it may have bits behind the prefix, such as
/// <c>10.0.0.1/24</c>: the kernel keeps them, and finds the rule only by the address that it was given.
/// </summary>
/// <param name="Address">The address.</param>
/// <param name="Length">How many leading bits count; with 0 all addresses match.</param>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public sealed record RulePrefix(IPAddress Address, int Length)
{
    /// <summary>The addresses of a network.</summary>
    /// <param name="network">The network.</param>
    public static implicit operator RulePrefix(IPNetwork network) => FromIPNetwork(network);

    /// <summary>The addresses of a network.</summary>
    /// <param name="network">The network.</param>
    public static RulePrefix FromIPNetwork(IPNetwork network) => new(network.BaseAddress, network.PrefixLength);

    /// <summary>The address and the length, such as <c>10.0.0.0/8</c>.</summary>
    public override string ToString() => $"{Address}/{Length}";
}
