using System.Collections.Immutable;
using System.Net;

namespace Datapath.Policy;

/// <summary>Gathers what is known of destinations.</summary>
internal sealed class DestinationFacts(MasqueradeScope scope)
{
    private static readonly IPRange s_linkLocalIPv4 = IPRange.Of(IPNetwork.Parse("169.254.0.0/16"));
    private static readonly IPRange s_linkLocalIPv6 = IPRange.Of(IPNetwork.Parse("fe80::/10"));

    private readonly List<PrefixFact<MasqueradeDestinationFacts>> _facts = [];

    public static List<PrefixFact<MasqueradeDestinationFacts>> Of(MasqueradeScope scope)
    {
        var facts = new DestinationFacts(scope);
        facts.AddFamily(isIPv4: true);
        facts.AddFamily(isIPv4: false);
        facts.AddNodes();
        facts.AddAll(scope.Configuration.MasqueradeCidrs, MasqueradeDestinationFacts.Masquerade, nameof(MasqueradeConfiguration.MasqueradeCidrs));
        facts.AddList(scope.Configuration.NonMasquerade, nameof(MasqueradeConfiguration.NonMasquerade));
        facts.AddList(scope.Inputs.AgentList, "the list of the ip-masq-agent");
        return facts._facts;
    }

    private void AddFamily(bool isIPv4)
    {
        if (!scope.Wants(isIPv4))
        {
            var origin = isIPv4 ? nameof(MasqueradeConfiguration.EnableIPv4Masquerade) : nameof(MasqueradeConfiguration.EnableIPv6Masquerade);
            _facts.Add(new(IPRange.Of(IPNetwork.Parse(isIPv4 ? "0.0.0.0/0" : "::/0")), MasqueradeDestinationFacts.FamilyOff, origin));
            return;
        }

        Add(isIPv4 ? "224.0.0.0/4" : "ff00::/8", MasqueradeDestinationFacts.Multicast);
        if (isIPv4)
            Add("255.255.255.255/32", MasqueradeDestinationFacts.Multicast);
        Add(isIPv4 ? s_linkLocalIPv4 : s_linkLocalIPv6, MasqueradeDestinationFacts.LinkLocal, origin: "");
        AddNativeRouting(isIPv4);
    }

    /// <summary>A list takes the place of the pod network, as the ip-masq-agent has it; an explicit range counts beside one.</summary>
    private void AddNativeRouting(bool isIPv4)
    {
        var native = scope.NativeRouting(isIPv4);
        if (native is { } range)
            Add(range, MasqueradeDestinationFacts.NativeRouting, MasqueradeScope.NativeRoutingField(isIPv4));
        var standsIn = native is null && !scope.HasList ? MasqueradeDestinationFacts.NativeRouting : MasqueradeDestinationFacts.None;
        foreach (var fact in scope.PodNetwork.Where(fact => fact.Range.First.IsIPv4 == isIPv4))
            _facts.Add(fact with { Value = fact.Value | standsIn });
    }

    private void AddNodes()
    {
        foreach (var address in scope.Node.Configuration.Addresses.AsSpan())
            Add(IPRange.Of(IPValue.Of(address.Address)), MasqueradeDestinationFacts.OwnNode, MasqueradeScope.NodeAddressesField);
        foreach (var (node, address) in OtherNodes.AddressesOf(scope.Nodes, scope.Node))
            Add(IPRange.Of(IPValue.Of(address.Address)), MasqueradeDestinationFacts.OtherNode, "an address", node);
    }

    private void AddList(NonMasqueradeList? list, string origin)
    {
        if (list is null)
            return;
        AddAll(list.Cidrs, MasqueradeDestinationFacts.NonMasquerade, origin);
        if (!list.MasqLinkLocal)
            Add(s_linkLocalIPv4, MasqueradeDestinationFacts.NonMasquerade, $"{origin}, which has link-local addresses without masqLinkLocal");
        if (!list.MasqLinkLocalIPv6)
            Add(s_linkLocalIPv6, MasqueradeDestinationFacts.NonMasquerade, $"{origin}, which has link-local addresses without masqLinkLocalIPv6");
    }

    private void AddAll(ImmutableArray<IPNetwork> ranges, MasqueradeDestinationFacts fact, string origin)
    {
        foreach (var range in ranges.AsSpan())
            Add(IPRange.Of(range), fact, origin);
    }

    private void Add(string range, MasqueradeDestinationFacts fact) => Add(IPRange.Of(IPNetwork.Parse(range)), fact, origin: "");

    private void Add(IPRange range, MasqueradeDestinationFacts fact, string origin, Node? node = null)
    {
        if (scope.Wants(range.First.IsIPv4))
            _facts.Add(new(range, fact, origin, node));
    }
}
