using Datapath.Policy;

namespace Datapath.Hosting;

/// <summary>Decides what is to be written next, if anything: what a policy does not say yet, was not written just now, and may be written.</summary>
internal sealed class PolicyStatusBook(KubernetesStatusWrites writes, string node, KubernetesTimings timings)
{
    private readonly Dictionary<ObjectKey, Entry> _entries = [];
    private readonly HashSet<ObjectKind> _notKept = [];
    private readonly GoneNodes _gone = new(node, timings.NodeGone);

    /// <summary>When something that was put off is due; <see langword="null"/>: nothing was.</summary>
    public DateTimeOffset? NextAt { get; private set; }

    /// <summary>What to write now; <see langword="null"/>: nothing, until <see cref="NextAt"/> or a change.</summary>
    public PolicyStatusWrite? Next(IEnumerable<ObjectStatus> statuses, KubernetesSource cluster, DateTimeOffset now)
    {
        NextAt = null;
        var present = new HashSet<ObjectKey>();
        PolicyStatusWrite? next = null;
        foreach (var status in statuses)
        {
            if (status.Object.Kind is not (ObjectKind.CiliumLocalRedirectPolicy or ObjectKind.ClusterLocalRedirectPolicy)
                || cluster.Find(status.Object) is not var (resource, known))
                continue;
            present.Add(status.Object);
            if (_notKept.Contains(status.Object.Kind))
                continue;
            var wanted = writes is KubernetesStatusWrites.All || IsProblem(status) ? NodeStatus.Of(status, known.Header.Generation) : null;
            var (entry, said) = (_entries.GetValueOrDefault(status.Object), known.Header.Statuses);
            var gone = _gone.Of(said, cluster, now);
            if (_gone.NextAt is { } looked)
                PutOff(looked);
            if (gone.Count == 0 && (NodeStatus.AreSame(wanted, said?.Own) || IsUnderWay(entry, known.Header.Uid, wanted, now)))
                continue;
            if (entry is not null && entry.NotBefore > now)
                PutOff(entry.NotBefore);
            else
                next ??= new(resource, status.Object, known.Header.Uid, wanted?.After(said?.Own, now), gone);
        }

        foreach (var gone in _entries.Keys.Where(key => !present.Contains(key)).ToArray())
            _ = _entries.Remove(gone);
        return next;
    }

    /// <summary>Something was written.</summary>
    public void Done(PolicyStatusWrite write, DateTimeOffset now) =>
        _entries[write.Object] = new(write.Uid, write.Status, now, now + timings.BetweenWritesOfOne, new(timings.BetweenWritesOfOne, timings.WriteAgain), null);

    /// <summary>Something could not be written.</summary>
    /// <returns>Whether the reason is another than the last time.</returns>
    public bool Fail(PolicyStatusWrite write, string reason, DateTimeOffset now)
    {
        var before = _entries.GetValueOrDefault(write.Object);
        var backoff = before?.Backoff ?? new(timings.BetweenWritesOfOne, timings.WriteAgain);
        _entries[write.Object] = new(null, null, null, now + backoff.Next(), backoff, reason);
        return before?.Reason != reason;
    }

    /// <summary>The cluster does not keep what is written to objects of a kind.</summary>
    public void GiveUp(ObjectKind kind) => _notKept.Add(kind);

    private void PutOff(DateTimeOffset until) => NextAt = NextAt is { } at && at < until ? at : until;

    private static bool IsProblem(ObjectStatus status) =>
        status.IsNotInForce || status.IsPartial || status.Condition is not (ObjectCondition.Active or ObjectCondition.Skipped);

    /// <summary>Whether it was written already, and the object that came since does not show it yet.</summary>
    private bool IsUnderWay(Entry? entry, string? uid, NodeStatus? wanted, DateTimeOffset now) =>
        entry is { WrittenAt: { } at } && entry.Uid == uid && NodeStatus.AreSame(entry.Written, wanted) && now - at < timings.WriteAgain;

    /// <param name="Uid">The incarnation that was written to.</param>
    /// <param name="Written">What was written last.</param>
    /// <param name="WrittenAt">When; <see langword="null"/> if that failed.</param>
    /// <param name="NotBefore">When to write again at the earliest.</param>
    /// <param name="Backoff">How long to wait after failures.</param>
    /// <param name="Reason">Why it failed.</param>
    private sealed record Entry(string? Uid, NodeStatus? Written, DateTimeOffset? WrittenAt, DateTimeOffset NotBefore, JitteredBackoff Backoff, string? Reason);
}
