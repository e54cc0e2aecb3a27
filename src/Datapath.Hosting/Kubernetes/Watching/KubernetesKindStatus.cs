using Datapath.Policy;

namespace Datapath.Hosting;

/// <summary>How a kind of object is followed in a cluster.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="State">How it is followed.</param>
/// <param name="Objects">How many objects of it are known, refused ones included.</param>
public sealed record KubernetesKindStatus(ObjectKind Kind, KubernetesKindState State, int Objects)
{
    /// <summary>When the server last told something of it; <see langword="null"/>: never.</summary>
    public DateTimeOffset? LastContact { get; init; }

    /// <summary>What stands in the way; <see langword="null"/>: nothing.</summary>
    public string? Problem { get; init; }

    /// <summary>Whether changes may have been missed for longer than <see cref="KubernetesOptions.StaleAfter"/>.</summary>
    public bool IsStale { get; init; }

    internal static KubernetesKindStatus Of(ObjectKind kind, KubernetesWatchStatus status) =>
        new(kind, status.State, status.Objects) { LastContact = status.LastContact, Problem = status.Problem, IsStale = status.IsStale };

    /// <summary>One line, for example <c>Service: Watching, 12 objects</c>.</summary>
    public override string ToString() => $"{Kind}: {State}, {Objects} objects{(IsStale ? ", stale" : "")}{(Problem is null ? "" : $": {Problem}")}";
}
