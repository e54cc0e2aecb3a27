using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>Puts facts together to classes, and asks the rules for the verdict on each pair.</summary>
internal sealed class MasqueradeStateBuilder(MasqueradeFacts facts)
{
    private readonly ClassNumbers<MasqueradeSourceClass> _sources = new();
    private readonly ClassNumbers<MasqueradeDestinationFacts> _destinations = new();

    /// <returns>The state; <see langword="null"/> if there are more classes than numbers.</returns>
    public MasqueradeState? Build(IssueList issues)
    {
        var (forwarded, host) = (_sources.Of(new(MasqueradeSourceFacts.Forwarded)), _sources.Of(new(MasqueradeSourceFacts.Host)));
        var interfaces = Interfaces();
        var sources = PrefixSweep.Join(facts.Sources, SourceFacts.Join).ConvertAll(entry => (entry.Range, Class: _sources.Of(Plain(entry.Value))));
        _ = _destinations.Of(MasqueradeDestinationFacts.None);
        var destinations = PrefixSweep.Join(facts.Destinations, static (around, part) => around | part)
            .ConvertAll(entry => (entry.Range, Class: _destinations.Of(entry.Value)));
        if (_sources.Count > MasqueradeState.MostClasses)
        {
            var count = $"make {_sources.Count} classes of sources, more than {MasqueradeState.MostClasses}";
            issues.Error(nameof(MasqueradeConfiguration.Pools), null, $"{count}: use fewer pools, or fewer overlapping {nameof(MasqueradeConfiguration.Sources)}");
            return null;
        }

        return new(
            new()
            {
                Classes = _sources.InOrder,
                Prefixes = Prefixes(sources),
                Interfaces = interfaces,
                ForwardedClass = (byte)forwarded,
                HostClass = (byte)host,
            },
            new() { Classes = _destinations.InOrder, Prefixes = Prefixes(destinations) }, Choices(), Verdicts());
    }

    /// <summary>What keeps its address needs no choice of one, and no class for each choice.</summary>
    private static MasqueradeSourceClass Plain(MasqueradeSourceClass source) =>
        (source.Facts & (MasqueradeSourceFacts.OptedOut | MasqueradeSourceFacts.Host)) != 0 ? source with { AddressChoice = 0 } : source;

    private static ImmutableArray<MasqueradePrefix> Prefixes(List<(IPRange Range, int Class)> entries) =>
        [.. entries.Select(static entry => new MasqueradePrefix(entry.Range.ToNetwork(), (byte)entry.Class))];

    private ImmutableArray<MasqueradeInterface> Interfaces()
    {
        var patterns = facts.Scope.Configuration.Interfaces;
        if (patterns.IsDefaultOrEmpty)
            return [];
        var number = (byte)_sources.Of(new(MasqueradeSourceFacts.Interface));
        return [.. patterns.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(pattern => new MasqueradeInterface(pattern, number))];
    }

    private ImmutableArray<MasqueradeAddressChoice> Choices()
    {
        var configuration = facts.Scope.Configuration;
        var first = new MasqueradeAddressChoice("", configuration.AddressSource) { Addresses = configuration.Addresses.IsDefault ? [] : configuration.Addresses };
        var pools = configuration.Pools.IsDefault ? [] : configuration.Pools;
        return [first, .. pools.Select(static pool => new MasqueradeAddressChoice(pool.Name, MasqueradeAddressSource.Fixed) { Addresses = pool.Addresses })];
    }

    private ImmutableArray<MasqueradeVerdict> Verdicts()
    {
        var verdicts = ImmutableArray.CreateBuilder<MasqueradeVerdict>(_sources.Count * _destinations.Count);
        foreach (var source in _sources.InOrder)
        {
            foreach (var destination in _destinations.InOrder)
            {
                var rule = MasqueradeRules.Find(new(source.Facts, destination, facts.Options));
                verdicts.Add(new(rule.Action, rule.Reason, rule.Action is MasqueradeAction.Translate ? source.AddressChoice : (byte)0));
            }
        }

        return verdicts.MoveToImmutable();
    }
}
