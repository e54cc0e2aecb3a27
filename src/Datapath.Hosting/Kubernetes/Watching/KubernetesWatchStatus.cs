namespace Datapath.Hosting;

/// <summary>How the objects of a kind are followed.</summary>
/// <param name="State">How they are followed.</param>
/// <param name="Objects">How many of them are known, those that cannot be read included.</param>
public sealed record KubernetesWatchStatus(KubernetesKindState State, int Objects)
{
    /// <summary>When the server last told something of them; <see langword="null"/>: never.</summary>
    public DateTimeOffset? LastContact { get; init; }

    /// <summary>What stands in the way; <see langword="null"/>: nothing.</summary>
    public string? Problem { get; init; }

    /// <summary>Whether changes may have been missed for longer than <see cref="KubernetesOptions.StaleAfter"/>.</summary>
    public bool IsStale { get; init; }

    /// <summary>One line, for example <c>Watching, 12 objects</c>.</summary>
    public override string ToString() => $"{State}, {Objects} objects{(IsStale ? ", stale" : "")}{(Problem is null ? "" : $": {Problem}")}";
}
