using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>Collects what differs from the state before.</summary>
internal sealed class ChangeCollector(StateBuilder state)
{
    private readonly ImmutableArray<DesiredService>.Builder _upserted = ImmutableArray.CreateBuilder<DesiredService>();
    private readonly ImmutableArray<ServiceName>.Builder _removed = ImmutableArray.CreateBuilder<ServiceName>();
    private readonly ImmutableArray<LocalPod>.Builder _pods = ImmutableArray.CreateBuilder<LocalPod>();
    private readonly ImmutableArray<PodName>.Builder _removedPods = ImmutableArray.CreateBuilder<PodName>();

    /// <summary>Makes <paramref name="next"/> what an entry is in the state; <see langword="null"/> if it is not there.</summary>
    public void Set(ServedEntry entry, DesiredService? next)
    {
        if (next is null ? entry.Compiled is null : next.Equals(entry.Compiled))
            return;
        if (next is null)
            _removed.Add(entry.Name);
        else
            _upserted.Add(next);
        entry.Compiled = next;
        state.Set(entry.Name, next);
    }

    /// <summary>Makes <paramref name="next"/> what a pod is in the state; <see langword="null"/> if it is not there.</summary>
    public void Set(PodEntry entry, LocalPod? next)
    {
        if (Equals(next, entry.Compiled))
            return;
        if (next is null)
            _removedPods.Add(entry.Name);
        else
            _pods.Add(next);
        entry.Compiled = next;
        state.Set(entry.Name, next);
    }

    public ChangeSet ToChangeSet() => _upserted.Count + _removed.Count + _pods.Count + _removedPods.Count == 0
        ? ChangeSet.Empty
        : new(_upserted.DrainToImmutable(), _removed.DrainToImmutable())
        {
            Pods = _pods.DrainToImmutable(),
            RemovedPods = _removedPods.DrainToImmutable(),
        };
}
