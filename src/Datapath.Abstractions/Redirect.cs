using System.Collections.Immutable;

namespace Datapath;

/// <summary>What a redirect policy makes of the dials to a frontend.</summary>
/// <param name="Policy">
/// The policy, as the service that it stands for: <c>namespace/name:local-redirect</c>, or <c>/name:local-redirect</c> of a clusterwide one.
/// </param>
/// <param name="Backends">
/// Where dials go: pods on this node, by address and port, all of them usable. Empty if they are refused, which the policy then asks for.
/// </param>
public sealed record Redirect(ServiceName Policy, ImmutableArray<Backend> Backends)
{
    /// <summary>Whose dials are meant. Default: everybody's.</summary>
    public RedirectClients Clients { get; init; } = RedirectClients.Everybody;

    /// <summary>
    /// Of <see cref="Clients"/> the pods whose dials are left alone, because they are the backends: they go where the frontend itself sends them, whatever
    /// redirects come after this one. Of others' dials it says nothing. By name, each once. Default: none.
    /// </summary>
    public ImmutableArray<PodName> SkippedPods { get; init; } = [];

    /// <summary>
    /// Whether dials are refused when none of <see cref="Backends"/> can be dialed on this node, as when a pod that is to be left alone cannot be told from
    /// others. Default: no, they go where they would without the policy.
    /// </summary>
    public bool RefusesWithoutBackends { get; init; }

    /// <summary>Equal in all parts, lists in the same order.</summary>
    /// <param name="other">The redirect to compare with.</param>
    public bool Equals(Redirect? other) =>
        ReferenceEquals(this, other)
        || (other is not null && Policy == other.Policy && RefusesWithoutBackends == other.RefusesWithoutBackends && Clients.Equals(other.Clients)
            && Backends.AsSpan().SequenceEqual(other.Backends.AsSpan())
            && SkippedPods.AsSpan().SequenceEqual(other.SkippedPods.AsSpan()));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Policy, Backends.Length, SkippedPods.Length);

    /// <summary>The policy and its backends.</summary>
    public override string ToString() => $"{Policy} -> {(Backends.IsEmpty ? "(refused)" : string.Join(' ', Backends.Select(static backend => backend.Address.ToString())))}";
}
