namespace Datapath.Hosting;

/// <summary>
/// Finds nodes that said something of a policy and are gone, so that somebody takes their words back. Of the nodes that say something and are there the first by
/// name does it.
/// </summary>
/// <param name="node">This node.</param>
/// <param name="patience">How long a node must be unknown: a new one may write before the others have heard of it.</param>
internal sealed class GoneNodes(string node, TimeSpan patience)
{
    private readonly Dictionary<string, DateTimeOffset> _unknownSince = new(StringComparer.Ordinal);

    /// <summary>When to look again at what was found last; <see langword="null"/>: nothing waits.</summary>
    public DateTimeOffset? NextAt { get; private set; }

    /// <summary>Those whose words this node is to take back.</summary>
    public IReadOnlyList<string> Of(NodeStatuses? said, KubernetesSource cluster, DateTimeOffset now)
    {
        NextAt = null;
        if (said?.Own is null || !cluster.KnowsNodes)
            return [];
        var gone = new List<string>();
        foreach (var name in said.Nodes)
        {
            if (name == node || cluster.HasNode(name))
            {
                _ = _unknownSince.Remove(name);
                if (string.CompareOrdinal(name, node) < 0)
                    return []; // that one does it
            }
            else
            {
                if (!_unknownSince.TryGetValue(name, out var since))
                    _unknownSince.Add(name, since = now);
                if (now - since >= patience)
                    gone.Add(name);
                else
                    NextAt = NextAt is { } at && at < since + patience ? at : since + patience;
            }
        }

        return gone;
    }
}
