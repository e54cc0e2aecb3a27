using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>The metadata of an object.</summary>
public sealed record ObjectMeta
{
    /// <summary>The name, unique among the objects of the same kind in the namespace.</summary>
    public required string Name { get; init; }

    /// <summary>The namespace. Default: <c>default</c>. It means nothing for a kind that is in none.</summary>
    public string Namespace { get; init; } = "default";

    /// <summary>The labels. Default: none.</summary>
    public ImmutableDictionary<string, string> Labels { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>The annotations. Default: none.</summary>
    public ImmutableDictionary<string, string> Annotations { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>The identifier that the API server gave to this incarnation of the object, if known.</summary>
    public string? Uid { get; init; }

    /// <summary>When the object was created, if known. Of two services that claim one address, the older keeps it.</summary>
    public DateTimeOffset? CreationTimestamp { get; init; }

    /// <summary>When the object will be gone, if it is on its way out.</summary>
    public DateTimeOffset? DeletionTimestamp { get; init; }

    /// <summary>When the object was created; without a creation time it counts as the newest of all.</summary>
    internal DateTimeOffset CreatedOrNewest => CreationTimestamp ?? DateTimeOffset.MaxValue;

    /// <summary>Equal in all fields; the order of labels and annotations means nothing.</summary>
    /// <param name="other">The metadata to compare with.</param>
    public bool Equals(ObjectMeta? other) =>
        ReferenceEquals(this, other)
        || (other is not null && Name == other.Name && Namespace == other.Namespace && Uid == other.Uid
            && CreationTimestamp == other.CreationTimestamp && DeletionTimestamp == other.DeletionTimestamp
            && ValueEquality.Same(Labels, other.Labels) && ValueEquality.Same(Annotations, other.Annotations));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Namespace, Name, Uid);
}
