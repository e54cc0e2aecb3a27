using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>Whom a policy concerns at the moment.</summary>
internal sealed record RedirectSelection
{
    public static RedirectSelection Nobody { get; } = new();

    /// <summary>How many pods are ready to be backends.</summary>
    public int ReadyPods { get; init; }

    /// <summary>The addresses of these pods.</summary>
    public ImmutableArray<IPValue> Addresses { get; init; } = [];

    /// <summary>The backends that the pods make, by address.</summary>
    public ImmutableArray<NamedBackend> Backends { get; init; } = [];

    /// <summary>Whose dials are redirected.</summary>
    public RedirectClients Clients { get; init; } = RedirectClients.Everybody;

    /// <summary>The pods whose dials are left alone, by name.</summary>
    public ImmutableArray<PodName> SkippedPods { get; init; } = [];

    public bool Equals(RedirectSelection? other) =>
        other is not null && ReadyPods == other.ReadyPods && Clients.Equals(other.Clients) && ValueEquality.Same(Addresses, other.Addresses)
        && ValueEquality.Same(Backends, other.Backends) && ValueEquality.Same(SkippedPods, other.SkippedPods);

    public override int GetHashCode() => HashCode.Combine(ReadyPods, Backends.Length);
}
