using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>Chooses clients: those that an entry of <see cref="Include"/> matches and no entry of <see cref="Exclude"/> does.</summary>
public sealed record ClientSelector
{
    /// <summary>Chooses all pods and all host processes.</summary>
    public static ClientSelector Everybody { get; } = new();

    /// <summary>Who is chosen. Default: empty, everybody.</summary>
    public ImmutableArray<ClientPeer> Include { get; init; } = [];

    /// <summary>Who is not, though included. Default: nobody.</summary>
    public ImmutableArray<ClientPeer> Exclude { get; init; } = [];

    /// <summary>Whether processes of the host, outside all pods, are chosen.</summary>
    public bool MatchesHostProcesses()
    {
        foreach (var peer in Exclude.AsSpan())
        {
            if (peer.HostProcesses)
                return false;
        }

        foreach (var peer in Include.AsSpan())
        {
            if (peer.HostProcesses)
                return true;
        }

        return Include.IsDefaultOrEmpty;
    }

    /// <summary>Whether a pod is chosen. Allocates nothing.</summary>
    /// <param name="namespaceLabels">The labels of its namespace.</param>
    /// <param name="podLabels">Its labels.</param>
    public bool MatchesPod(ImmutableDictionary<string, string> namespaceLabels, ImmutableDictionary<string, string> podLabels)
    {
        foreach (var peer in Exclude.AsSpan())
        {
            if (peer.MatchesPod(namespaceLabels, podLabels))
                return false;
        }

        foreach (var peer in Include.AsSpan())
        {
            if (peer.MatchesPod(namespaceLabels, podLabels))
                return true;
        }

        return Include.IsDefaultOrEmpty;
    }

    /// <summary>Equal in all fields.</summary>
    /// <param name="other">The selector to compare with.</param>
    public bool Equals(ClientSelector? other) =>
        ReferenceEquals(this, other)
        || (other is not null && ValueEquality.Same(Include, other.Include) && ValueEquality.Same(Exclude, other.Exclude));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Include.AsSpan().Length, Exclude.AsSpan().Length);
}
