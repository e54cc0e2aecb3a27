using System.Net.Sockets;

namespace Datapath.Linux.Netlink;

/// <summary>A routing rule: which table is asked for which packets. All conditions that are set must hold. What was listed can be given back to delete it.</summary>
/// <param name="Family"><see cref="AddressFamily.InterNetwork"/> or <see cref="AddressFamily.InterNetworkV6"/>.</param>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public sealed record NetworkRule(AddressFamily Family)
{
    /// <summary>The place: lower is asked first. <see langword="null"/> (the default) lets the kernel put it before all but the rule of priority 0; for a deletion it means any.</summary>
    public uint? Priority { get; init; }

    /// <summary>What it does. The default is <see cref="NetworkRuleAction.Lookup"/>.</summary>
    public NetworkRuleAction Action { get; init; } = NetworkRuleAction.Lookup;

    /// <summary>
    /// The table to ask. <see langword="null"/> (the default) is <see cref="NetworkRoute.MainTable"/>; for a deletion it means any. 0 for actions that ask none.
    /// </summary>
    public uint? Table { get; init; }

    /// <summary>The addresses from which the packet comes, of <see cref="Family"/>; <see langword="null"/> (the default) for any.</summary>
    public RulePrefix? From { get; init; }

    /// <summary>The addresses to which it goes, of <see cref="Family"/>; <see langword="null"/> (the default) for any.</summary>
    public RulePrefix? To { get; init; }

    /// <summary>The interface it came in by (<c>lo</c> for packets of this machine); <see langword="null"/> (the default) for any. It need not exist.</summary>
    public string? InputInterface { get; init; }

    /// <summary>The interface to which the sending socket is bound; <see langword="null"/> (the default) for any. It need not exist.</summary>
    public string? OutputInterface { get; init; }

    /// <summary>The mark it must have in the bits of <see cref="MarkMask"/>; looked at only if that is not 0.</summary>
    public uint Mark { get; init; }

    /// <summary>Which bits of the mark count. The default, 0, means that marks do not matter; 0xffffffff means the whole mark.</summary>
    public uint MarkMask { get; init; }

    /// <summary>Whether it matches the packets for which the conditions do not hold. The default is <see langword="false"/>.</summary>
    public bool IsInverted { get; init; }

    /// <summary>Routes with a prefix of this length or a shorter one do not count: 0 leaves default routes out; <see langword="null"/> (the default) lets all count.</summary>
    public int? SuppressedPrefixLength { get; init; }

    /// <summary>The users whose sockets send; <see langword="null"/> (the default) for any. Minimum kernel: 4.10.</summary>
    public UserIdRange? UserIds { get; init; }

    /// <summary>The protocol above IP, such as 6 for TCP; 0 (the default) for any. Minimum kernel: 4.17.</summary>
    public byte IpProtocol { get; init; }

    /// <summary>The ports from which the packet comes, of any protocol that has such; <see langword="null"/> (the default) for any. Minimum kernel: 4.17.</summary>
    public PortRange? SourcePorts { get; init; }

    /// <summary>The ports to which it goes; <see langword="null"/> (the default) for any. Minimum kernel: 4.17.</summary>
    public PortRange? DestinationPorts { get; init; }

    /// <summary>Who made it, a number of rtnetlink(7): 0 (the default) nobody in particular, 2 the kernel.</summary>
    public byte Protocol { get; init; }
}
