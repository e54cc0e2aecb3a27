using System.Collections.Immutable;
using System.Globalization;
using System.Net;

namespace Datapath.Policy;

/// <summary>Warns of set-ups that are valid and hardly meant: pods whose peers see the wrong address, and rules without effect.</summary>
internal sealed class MasqueradeWarnings
{
    private const MasqueradeDestinationFacts Exclusions = MasqueradeDestinationFacts.NativeRouting | MasqueradeDestinationFacts.NonMasquerade;
    private const MasqueradeSourceFacts Pods = MasqueradeSourceFacts.Pod | MasqueradeSourceFacts.PodNetwork;
    private const string WrongAddress = "see this node's address, not that of the pod";

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
        foreach (var isIPv4 in new[] { true, false })
        {
            if (!facts.Scope.Wants(isIPv4))
                continue;
            warnings.WarnOfFullExclusion(isIPv4);
            warnings.WarnOfPodNetworks(isIPv4);
        }

        warnings.WarnOfForeignAddresses();
    }

    private void WarnOfMissingName()
    {
        if (_scope.Node.Name.Length == 0 && (_scope.Inputs.Pods.Count > 0 || _scope.Nodes.Count > 0))
            _issues.Warn($"{nameof(MasqueradeInputs.Node)}.{nameof(NodeConfiguration.Name)}", "", "is no name: no pod is of this node, and no node is another");
    }

    private void WarnOfMissingSources()
    {
        if (!_scope.Wants(isIPv4: true) && !_scope.Wants(isIPv4: false))
            return;
        var hasSource = _configuration.MasqueradeForwarded || !_configuration.Interfaces.IsDefaultOrEmpty
            || _facts.Sources.Exists(static fact => (fact.Value.Facts & ~MasqueradeSourceFacts.Host) != 0);
        if (!hasSource)
            _issues.Warn(nameof(_configuration.Sources), null, "has nothing, and there are no pods, no pod network and no interfaces: nothing is masqueraded");
    }

    private void WarnOfFullExclusion(bool isIPv4)
    {
        foreach (var fact in _facts.Destinations)
        {
            if (fact.Range.Length != 0 || fact.Range.First.IsIPv4 != isIPv4 || (fact.Value & Exclusions) == 0)
                continue;
            _issues.Warn(ExclusionField(isIPv4), fact.Range.ToString(), $"excludes every destination: nothing of the family is masqueraded, by {fact.Describe()}");
        }
    }

    private void WarnOfPodNetworks(bool isIPv4)
    {
        if (!_facts.Sources.Exists(fact => fact.Range.First.IsIPv4 == isIPv4 && (fact.Value.Facts & Pods) != 0))
            return;
        var masqueraded = MasqueradedPodNetworks(isIPv4);
        var native = _scope.NativeRouting(isIPv4);
        if (native is null && !_scope.HasList && _scope.Nodes.Any(node => OtherNodes.IsOther(node, _scope.Node)))
            _issues.Warn(ExclusionField(isIPv4), null, $"is not set and there is no list: pods of other nodes {WrongAddress}{Example(masqueraded)}");
        else if (masqueraded.Count > 0)
            _issues.Warn(ExclusionField(isIPv4), native?.ToString(), $"lacks a pod network, whose pods {WrongAddress}{Example(masqueraded)}");
    }

    /// <summary>
    /// The pod networks that are masqueraded, at one of their ends at least. One that is cut in pieces and masqueraded in the middle alone
    /// goes unnoticed.
    /// </summary>
    private List<(IPRange Range, string Of)> MasqueradedPodNetworks(bool isIPv4)
    {
        var own = _scope.PodNetwork.Select(static fact => (fact.Range, Of: "this node"));
        var others = _scope.Nodes.Where(node => OtherNodes.IsOther(node, _scope.Node))
            .SelectMany(static node => MasqueradeScope.PodNetworksOf(node).Select(range => (Range: range, Of: $"node {node.Metadata.Name}")));
        return
        [
            .. own.Concat(others).Where(network => network.Range.First.IsIPv4 == isIPv4)
                .Where(network => IsMasqueraded(network.Range.First) || IsMasqueraded(network.Range.Last))
                .OrderBy(static network => network.Range).ThenBy(static network => network.Of, StringComparer.Ordinal),
        ];
    }

    private bool IsMasqueraded(IPValue address)
    {
        var plain = address.WithPort(0, L4Protocol.Tcp).Address;
        var facts = _state.Destinations.Classes[_state.Decide(new(plain, plain)).Destination.Class];
        return MasqueradeRules.Find(new(MasqueradeSourceFacts.Pod, facts, _facts.Options)).Action is MasqueradeAction.Translate;
    }

    private static string Example(List<(IPRange Range, string Of)> networks) => networks switch
    {
        [] => "",
        [var only] => $": {only.Range} of {only.Of}",
        [var first, ..] => $": {first.Range} of {first.Of}, and {Wording.Count(networks.Count - 1, "more network")}",
    };

    /// <summary>The field to mend: what excludes destinations already, or could.</summary>
    private string ExclusionField(bool isIPv4) => _scope switch
    {
        _ when _scope.NativeRouting(isIPv4) is not null || !_scope.HasList => MasqueradeScope.NativeRoutingField(isIPv4),
        { Configuration.NonMasquerade: not null } => nameof(MasqueradeConfiguration.NonMasquerade),
        _ => nameof(MasqueradeInputs.AgentList),
    };

    private void WarnOfForeignAddresses()
    {
        if (_scope.Node.Configuration.Addresses.IsDefaultOrEmpty)
            return;
        Warn(_configuration.Addresses, nameof(_configuration.Addresses));
        for (var i = 0; i < _configuration.Pools.AsSpan().Length; i++)
            Warn(_configuration.Pools[i].Addresses, string.Create(CultureInfo.InvariantCulture, $"{nameof(_configuration.Pools)}[{i}].{nameof(MasqueradePool.Addresses)}"));

        void Warn(ImmutableArray<IPAddress> addresses, string field)
        {
            for (var i = 0; i < addresses.AsSpan().Length; i++)
            {
                if (_scope.Node.IsLocal(new(addresses[i], 0, L4Protocol.Tcp)))
                    continue;
                var item = string.Create(CultureInfo.InvariantCulture, $"{field}[{i}]");
                _issues.Warn(item, addresses[i].ToString(), "is no address of the node: answers come back only if somebody routes it here");
            }
        }
    }
}
