using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>
/// The desired state, kept as an immutable state and what changed since: most users follow the change sets and never ask for all of it.
/// </summary>
internal sealed class StateBuilder
{
    private readonly Dictionary<ServiceName, DesiredService?> _pending = [];
    private readonly Dictionary<PodName, LocalPod?> _pendingPods = [];
    private DesiredState _state = DesiredState.Empty;

    public DesiredState Current => _pending.Count + _pendingPods.Count == 0
        ? _state
        : _state = new(Drain(_pending, _state.Services)) { Pods = Drain(_pendingPods, _state.Pods) };

    public void Set(ServiceName name, DesiredService? service) => _pending[name] = service;

    public void Set(PodName name, LocalPod? pod) => _pendingPods[name] = pod;

    private static ImmutableDictionary<TName, T> Drain<TName, T>(Dictionary<TName, T?> pending, ImmutableDictionary<TName, T> before)
        where TName : notnull where T : class
    {
        if (pending.Count == 0)
            return before;
        var items = before.ToBuilder();
        foreach (var (name, item) in pending)
        {
            if (item is null)
                items.Remove(name);
            else
                items[name] = item;
        }

        pending.Clear();
        return items.ToImmutable();
    }
}
