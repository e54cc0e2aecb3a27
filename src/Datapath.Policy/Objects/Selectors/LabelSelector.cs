using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Datapath.Policy;

/// <summary>
/// Selects objects by their labels: those that meet all of the requirements. Immutable, and equal if the requirements are. Like the
/// objects that hold it, it may be invalid; then it selects nothing by the requirements that make no sense.
/// </summary>
public sealed class LabelSelector : IEquatable<LabelSelector>
{
    /// <summary>Those of <c>matchLabels</c> by key, then those of <c>matchExpressions</c> in their order.</summary>
    private readonly LabelRequirement[] _requirements;

    /// <summary>Makes a selector.</summary>
    /// <param name="matchLabels">Labels that an object has to have, with these values.</param>
    /// <param name="matchExpressions">What else is asked.</param>
    public LabelSelector(
        ImmutableDictionary<string, string>? matchLabels = null, params ImmutableArray<LabelRequirement> matchExpressions)
    {
        MatchLabels = matchLabels ?? ImmutableDictionary<string, string>.Empty;
        MatchExpressions = matchExpressions.IsDefault ? [] : matchExpressions;
        var labels = MatchLabels.OrderBy(label => label.Key, StringComparer.Ordinal)
            .Select(label => new LabelRequirement { Key = label.Key, Operator = LabelOperator.In, Values = [label.Value] });
        _requirements = [.. labels, .. MatchExpressions];
    }

    /// <summary>Selects everything.</summary>
    public static LabelSelector Everything { get; } = new();

    /// <summary>Labels that an object has to have, with these values.</summary>
    public ImmutableDictionary<string, string> MatchLabels { get; }

    /// <summary>What else is asked.</summary>
    public ImmutableArray<LabelRequirement> MatchExpressions { get; }

    /// <summary>Whether nothing is asked, so that everything is selected.</summary>
    public bool IsEmpty => _requirements.Length == 0;

    /// <summary>Reads a selector as <c>kubectl -l</c> takes it: <c>app=web,tier in (a,b),!canary</c>. An empty text selects everything.</summary>
    /// <param name="text">The text.</param>
    /// <param name="selector">The selector.</param>
    /// <returns>Whether the text is one.</returns>
    public static bool TryParse(string text, [NotNullWhen(true)] out LabelSelector? selector)
    {
        ArgumentNullException.ThrowIfNull(text);
        selector = LabelSelectorParser.Parse(text, out _);
        return selector is not null;
    }

    /// <summary>Whether an object with these labels is selected. Allocates nothing.</summary>
    /// <param name="labels">The labels of the object.</param>
    public bool Matches(ImmutableDictionary<string, string> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        foreach (var requirement in _requirements)
        {
            if (!requirement.Matches(labels))
                return false;
        }

        return true;
    }

    /// <inheritdoc/>
    public bool Equals(LabelSelector? other) =>
        ReferenceEquals(this, other) || (other is not null && _requirements.AsSpan().SequenceEqual(other._requirements));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as LabelSelector);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_requirements.Length, _requirements is [var first, ..] ? first : null);

    /// <summary>The form that <see cref="TryParse"/> reads.</summary>
    public override string ToString() => string.Join<LabelRequirement>(',', _requirements);
}
