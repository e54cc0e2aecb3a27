using System.Collections.Immutable;
using System.Globalization;
using System.Net;

namespace Datapath.Policy;

/// <summary>Warns of set-ups that are valid and hardly meant: pods whose peers see the wrong address, and rules without effect.</summary>
internal sealed class MasqueradeWarnings
{
    private const MasqueradeDestinationFacts Exclusions = MasqueradeDestinationFacts.NativeRouting | MasqueradeDestinationFacts.NonMasquerade;

    private readonly MasqueradeFacts _facts;
    private readonly MasqueradeScope _scope;
    private readonly MasqueradeConfiguration _configuration;
    private readonly MasqueradeState _state;
    private readonly IssueList _issues;

    private MasqueradeWarnings(MasqueradeFacts facts, MasqueradeState state, IssueList issues) =>
        (_facts, _scope, _configuration, _state, _issues) = (facts, facts.Scope, facts.Scope.Configuration, state, issues);

    public static void Find(MasqueradeFacts facts, MasqueradeState state, IssueList issues)
    {
        var warnings = new MasqueradeWarnings(facts, state, issues);
        warnings.WarnOfMissingName();
        warnings.WarnOfMissingSources();
        warnings.WarnOfFamily(isIPv4: true);
        warnings.WarnOfFamily(isIPv4: false);
        warnings.WarnOfForeignAddresses(warnings._configuration.Addresses, nameof(MasqueradeConfiguration.Addresses));
        for (var i = 0; i < warnings._configuration.Pools.AsSpan().Length; i++)
            warnings.WarnOfForeignAddresses(warnings._configuration.Pools[i].Addresses, string.Create(CultureInfo.InvariantCulture, $"{nameof(MasqueradeConfiguration.Pools)}[{i}].{nameof(MasqueradePool.Addresses)}"));
    }

    private void WarnOfMissingName()
    {
        if (_scope.Node.Name.Length == 0 && (_scope.Inputs.Pods.Count > 0 || _scope.Nodes.Count > 0))
            _issues.Warn(nameof(MasqueradeInputs.Node) + "." + nameof(NodeConfiguration.Name), "", "is no name: no pod is of this node, and no node is another");
    }

    private void WarnOfMissingSources()
    {
        if (!_configuration.EnableIPv4Masquerade && !_configuration.EnableIPv6Masquerade)
            return;
        if (!_configuration.MasqueradeForwarded && _configuration.Interfaces.IsDefaultOrEmpty && !_facts.Sources.Exists(static fact => (fact.Value.Facts & ~MasqueradeSourceFacts.Host) != 0))
            _issues.Warn(nameof(MasqueradeConfiguration.Sources), null, "has nothing, and there are no pods, no pod network and no interfaces: nothing is masqueraded");
    }

    private void WarnOfFamily(bool isIPv4)
    {
        if (!_scope.Wants(isIPv4))
            return;
        foreach (var fact in _facts.Destinations.Where(fact => fact.Range.Length == 0 && fact.Range.First.IsIPv4 == isIPv4 && (fact.Value & Exclusions) != 0))
            _issues.Warn(ExclusionField(isIPv4), fact.Range.ToString(), $"excludes every destination: nothing of the family is masqueraded, by {fact.Describe()}");
        if (!_facts.Sources.Exists(fact => fact.Range.First.IsIPv4 == isIPv4 && (fact.Value.Facts & (MasqueradeSourceFacts.Pod | MasqueradeSourceFacts.PodNetwork)) != 0))
            return;
        if (_scope.NativeRouting(isIPv4) is null && !_scope.HasList && _scope.Nodes.Any(node => OtherNodes.IsOther(node, _scope.Node)))
            _issues.Warn(MasqueradeScope.NativeRoutingField(isIPv4), null, $"is not set and there is no list: pods of other nodes see this node's address, not that of the pod{Example(Masqueraded(isIPv4))}");
        else
            WarnOfPodNetworks(isIPv4);
    }

    private void WarnOfPodNetworks(bool isIPv4)
    {
        var masqueraded = Masqueraded(isIPv4);
        if (masqueraded.Count == 0)
            return;
        var native = _scope.NativeRouting(isIPv4);
        _issues.Warn(
            ExclusionField(isIPv4), native?.ToString(),
            $"lacks a pod network, whose pods see this node's address, not that of the pod{Example(masqueraded)}");
    }

    /// <summary>
    /// The pod networks that are masqueraded, at one of their ends at least. One that is cut in pieces and masqueraded in the middle alone
    /// goes unnoticed.
    /// </summary>
    private List<(IPRange Range, string Of)> Masqueraded(bool isIPv4)
    {
        var own = _scope.PodNetwork.Select(static fact => (Range: fact.Range, Of: "this node"));
        var others = _scope.Nodes.Where(node => OtherNodes.IsOther(node, _scope.Node))
            .SelectMany(static node => MasqueradeScope.PodNetworksOf(node).Select(range => (Range: range, Of: $"node {node.Metadata.Name}")));
        return [.. own.Concat(others).Where(network => network.Range.First.IsIPv4 == isIPv4 && (IsMasqueraded(network.Range.First) || IsMasqueraded(network.Range.Last)))];
    }

    private bool IsMasqueraded(IPValue address)
    {
        var plain = address.WithPort(0, L4Protocol.Tcp).Address;
        var facts = _state.Destinations.Classes[_state.Decide(new(plain, plain)).Destination.Class];
        return MasqueradeRules.Find(new(MasqueradeSourceFacts.Pod, facts, _facts.Options)).Action is MasqueradeAction.Translate;
    }

    private static string Example(List<(IPRange Range, string Of)> networks) => networks.Count switch
    {
        0 => "",
        1 => $": {networks[0].Range} of {networks[0].Of}",
        _ => $": {networks[0].Range} of {networks[0].Of}, and {Wording.Count(networks.Count - 1, "more network")}",
    };

    private string ExclusionField(bool isIPv4) => _scope.NativeRouting(isIPv4) is not null ? MasqueradeScope.NativeRoutingField(isIPv4)
        : _configuration.NonMasquerade is not null ? nameof(MasqueradeConfiguration.NonMasquerade)
        : _scope.Inputs.AgentList is not null ? nameof(MasqueradeInputs.AgentList)
        : MasqueradeScope.NativeRoutingField(isIPv4);

    private void WarnOfForeignAddresses(ImmutableArray<IPAddress> addresses, string field)
    {
        if (_scope.Node.Configuration.Addresses.IsDefaultOrEmpty)
            return;
        for (var i = 0; i < addresses.AsSpan().Length; i++)
        {
            if (!_scope.Node.IsLocal(new(addresses[i], 0, L4Protocol.Tcp)))
                _issues.Warn(string.Create(CultureInfo.InvariantCulture, $"{field}[{i}]"), addresses[i].ToString(), "is no address of the node: answers come back only if somebody routes it here");
        }
    }
}
