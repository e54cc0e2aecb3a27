using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>The rules in their order: the first that applies decides. The table of verdicts, explanations and the documentation are made of them.</summary>
internal static class MasqueradeRules
{
    public static ImmutableArray<MasqueradeRule> All { get; } =
    [
        new(
            MasqueradeReason.NatAddress, MasqueradeAction.Track,
            "the source is an address that packets leaving by this device are translated to",
            "", Applies: null),
        new(
            MasqueradeReason.Reply, MasqueradeAction.Keep,
            "the packet answers a flow that was begun from outside",
            "", Applies: null),
        new(
            MasqueradeReason.FamilyOff, MasqueradeAction.Keep,
            "masquerading is off for the family",
            "EnableIPv4Masquerade, EnableIPv6Masquerade", static c => c.Goes(MasqueradeDestinationFacts.FamilyOff)),
        new(
            MasqueradeReason.OwnNode, MasqueradeAction.Keep,
            "the destination is an address of this node",
            MasqueradeScope.NodeAddressesField, static c => c.Goes(MasqueradeDestinationFacts.OwnNode)),
        new(
            MasqueradeReason.Multicast, MasqueradeAction.Keep,
            "the destination is multicast or 255.255.255.255",
            "", static c => c.Goes(MasqueradeDestinationFacts.Multicast)),
        new(
            MasqueradeReason.NativeRouting, MasqueradeAction.Keep,
            "the destination is in the native-routing range, or in the pod network of this node where that stands in for it",
            "IPv4NativeRoutingCidr, IPv6NativeRoutingCidr, PodCidrs", static c => c.Goes(MasqueradeDestinationFacts.NativeRouting)),
        new(
            MasqueradeReason.OptedOut, MasqueradeAction.Keep,
            "the source is a pod of this node that keeps its address",
            Pod.MasqueradeAnnotation, static c => c.Is(MasqueradeSourceFacts.OptedOut)),
        new(
            MasqueradeReason.NonMasquerade, MasqueradeAction.Keep,
            "the destination is in the list of those that are not masqueraded",
            "NonMasquerade, AgentList", static c => c.Goes(MasqueradeDestinationFacts.NonMasquerade)),
        new(
            MasqueradeReason.OtherNode, MasqueradeAction.Keep,
            "the destination is an address of another node, and sources keep theirs there",
            "RemoteNodes", static c => c.Goes(MasqueradeDestinationFacts.OtherNode) && !c.Options.MasqueradesRemoteNodes),
        new(
            MasqueradeReason.Host, MasqueradeAction.Keep,
            "the source is the host itself",
            MasqueradeScope.NodeAddressesField, static c => c.Is(MasqueradeSourceFacts.Host)),
        new(
            MasqueradeReason.NoSource, MasqueradeAction.Keep,
            "the source is none that is masqueraded",
            "Sources, Interfaces, MasqueradeForwarded, PodCidrs", static c => !c.IsSource),
        new(
            MasqueradeReason.RemoteNode, MasqueradeAction.Translate,
            "the destination is an address of another node, and sources are masqueraded there",
            "RemoteNodes", static c => c.Goes(MasqueradeDestinationFacts.OtherNode)),
        new(
            MasqueradeReason.NotListed, MasqueradeAction.Keep,
            "there is a list of destinations that alone are masqueraded, and the destination is not in it",
            "MasqueradeCidrs", static c => c.Options.HasMasqueradeList && !c.Goes(MasqueradeDestinationFacts.Masquerade)),
        new(
            MasqueradeReason.Source, MasqueradeAction.Translate,
            "the source is masqueraded, and nothing above speaks against it",
            "AddressSource, Addresses, Pools", static _ => true),
    ];

    /// <summary>The rule that decides on a pair of classes.</summary>
    public static MasqueradeRule Find(MasqueradeCase pair)
    {
        foreach (var rule in All)
        {
            if (rule.Applies is { } applies && applies(pair))
                return rule;
        }

        throw new InvalidOperationException("the last rule applies to everything");
    }
}
