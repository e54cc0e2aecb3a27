namespace Datapath.Linux.Netlink;

/// <summary>From the kernel's groups and notifications to <see cref="NetworkChange"/>.</summary>
internal static class NetworkChangeReader
{
    private static readonly (NetworkChanges Change, int[] Groups)[] s_groups =
    [
        (NetworkChanges.Links, [Rtnl.RTNLGRP_LINK]),
        (NetworkChanges.Addresses, [Rtnl.RTNLGRP_IPV4_IFADDR, Rtnl.RTNLGRP_IPV6_IFADDR]),
        (NetworkChanges.Routes, [Rtnl.RTNLGRP_IPV4_ROUTE, Rtnl.RTNLGRP_IPV6_ROUTE]),
        (NetworkChanges.Neighbours, [Rtnl.RTNLGRP_NEIGH]),
        (NetworkChanges.ForwardingEntries, [Rtnl.RTNLGRP_NEIGH]),
        (NetworkChanges.Rules, [Rtnl.RTNLGRP_IPV4_RULE, Rtnl.RTNLGRP_IPV6_RULE]),
    ];

    /// <summary>The groups to join, each once.</summary>
    internal static IReadOnlyCollection<int> GroupsOf(NetworkChanges changes) =>
        [.. s_groups.Where(item => (changes & item.Change) != 0).SelectMany(static item => item.Groups).Distinct()];

    /// <summary>Reads a notification; <see langword="null"/> if it is of something else.</summary>
    /// <exception cref="NetlinkFormatException">The message is cut off, or a value in it is.</exception>
    internal static NetworkChange? Read(NetlinkMessage message, NetworkChanges changes) => message.Type switch
    {
        Rtnl.RTM_NEWLINK or Rtnl.RTM_DELLINK when NetworkLinkReader.Read(message) is { } link =>
            new LinkChange(link) { IsRemoval = message.Type is Rtnl.RTM_DELLINK },
        Rtnl.RTM_NEWADDR or Rtnl.RTM_DELADDR when RouteNetlink.ReadAddress(message) is { } address =>
            new AddressChange(address) { IsRemoval = message.Type is Rtnl.RTM_DELADDR },
        Rtnl.RTM_NEWROUTE or Rtnl.RTM_DELROUTE when NetworkRouteReader.Read(message) is { } route =>
            new RouteChange(route) { IsRemoval = message.Type is Rtnl.RTM_DELROUTE },
        RtnlNeighbours.RTM_NEWNEIGH or RtnlNeighbours.RTM_DELNEIGH => ReadNeighbour(message, changes),
        RtnlRules.RTM_NEWRULE or RtnlRules.RTM_DELRULE when NetworkRuleReader.Read(message) is { } rule =>
            new RuleChange(rule) { IsRemoval = message.Type is RtnlRules.RTM_DELRULE },
        _ => null,
    };

    // Neighbours and forwarding entries share their messages and their group.
    private static NetworkChange? ReadNeighbour(NetlinkMessage message, NetworkChanges changes)
    {
        var isRemoval = message.Type is RtnlNeighbours.RTM_DELNEIGH;
        if ((changes & NetworkChanges.Neighbours) != 0 && NetworkNeighbourReader.Read(message) is { } neighbour)
            return new NeighbourChange(neighbour) { IsRemoval = isRemoval };
        return (changes & NetworkChanges.ForwardingEntries) != 0 && ForwardingEntryReader.Read(message) is { } entry
            ? new ForwardingChange(entry) { IsRemoval = isRemoval }
            : null;
    }
}
