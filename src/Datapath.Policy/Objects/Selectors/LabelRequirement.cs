using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>One of the things that a <see cref="LabelSelector"/> asks (<c>matchExpressions</c>).</summary>
public sealed record LabelRequirement
{
    /// <summary>The key of the label.</summary>
    public required string Key { get; init; }

    /// <summary>What is asked.</summary>
    public required LabelOperator Operator { get; init; }

    /// <summary>The values of <see cref="LabelOperator.In"/> and <see cref="LabelOperator.NotIn"/>; the others have none.</summary>
    public ImmutableArray<string> Values { get; init; } = [];

    /// <summary>Whether the labels are as asked.</summary>
    /// <param name="labels">The labels.</param>
    public bool Matches(ImmutableDictionary<string, string> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        var isThere = labels.TryGetValue(Key, out var value);
        return Operator switch
        {
            LabelOperator.In => isThere && Contains(value!),
            LabelOperator.NotIn => !isThere || !Contains(value!),
            LabelOperator.Exists => isThere,
            LabelOperator.DoesNotExist => !isThere,
            _ => false,
        };
    }

    /// <summary>Equal in all fields.</summary>
    /// <param name="other">The requirement to compare with.</param>
    public bool Equals(LabelRequirement? other) =>
        ReferenceEquals(this, other)
        || (other is not null && Key == other.Key && Operator == other.Operator && ValueEquality.Same(Values, other.Values));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Key, Operator, Values.AsSpan().Length);

    /// <summary>The form <c>app in (web,api)</c>.</summary>
    public override string ToString() => Operator switch
    {
        LabelOperator.In when Values.AsSpan().Length == 1 => $"{Key}={Values[0]}",
        LabelOperator.NotIn when Values.AsSpan().Length == 1 => $"{Key}!={Values[0]}",
        LabelOperator.Exists => Key,
        LabelOperator.DoesNotExist => "!" + Key,
        _ => $"{Key} {(Operator is LabelOperator.In ? "in" : "notin")} ({string.Join(',', Values.AsSpan().ToArray())})",
    };

    private bool Contains(string value)
    {
        foreach (var candidate in Values.AsSpan())
        {
            if (candidate == value)
                return true;
        }

        return false;
    }
}
