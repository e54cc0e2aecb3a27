using System.Runtime.InteropServices;

namespace Datapath.Policy;

/// <summary>Merges the slices of a service and gives each frontend the backends that fit. Holds scratch lists: not thread-safe.</summary>
internal sealed class BackendSelector
{
    private readonly List<Candidate> _candidates = [];
    private readonly List<Candidate> _fitting = [];
    private readonly List<(BackendKey Key, Selection Selection)> _done = [];
    private ServiceName _service;
    private BackendRules _rules;

    /// <summary>Turns to a service.</summary>
    /// <param name="service">Its name.</param>
    /// <param name="slices">Its slices, in any order.</param>
    /// <param name="rules">What decides about backends beside the frontend.</param>
    public void Load(ServiceName service, List<SliceEntry> slices, in BackendRules rules)
    {
        (_service, _rules) = (service, rules);
        _done.Clear();
        _candidates.Clear();
        foreach (var slice in slices)
            _candidates.AddRange(slice.Candidates);
        CollectionsMarshal.AsSpan(_candidates).Sort(Candidate.Order);
    }

    /// <summary>The backends of a frontend. Frontends that differ in their addresses alone share them.</summary>
    public Selection Select(L4Address address, string portName, bool onlyLocal)
    {
        var key = BackendKey.Of(address, portName, onlyLocal);
        foreach (var (other, selection) in _done)
        {
            if (other == key)
                return selection;
        }

        var result = Select(key);
        _done.Add((key, result));
        return result;
    }

    private Selection Select(BackendKey key)
    {
        _fitting.Clear();
        var groups = new CandidateGroups(CollectionsMarshal.AsSpan(_candidates));
        while (groups.TryNext(out var same))
        {
            var best = same[0];
            if (key.Judge(same, _rules.Node.Name) is not BackendFit.Fits)
                continue;
            if (_rules.Health is null)
                _fitting.Add(best);
            else if (_rules.Health.Judge(_service, best.Backend) is { } judged)
                _fitting.Add(best with { Backend = judged });
        }

        if (_rules.Topology is not TrafficDistribution.None)
            Topology.Apply(_fitting, in _rules);
        var usable = SortAndCount();
        var backends = new Backend[_fitting.Count];
        for (var i = 0; i < backends.Length; i++)
            backends[i] = _fitting[i].Backend;
        return new(ImmutableCollectionsMarshal.AsImmutableArray(backends), usable);
    }

    /// <summary>Orders by health, state, address and port.</summary>
    /// <returns>How many take new connections: the active ones or, if there is none, the terminating ones that still serve.</returns>
    private int SortAndCount()
    {
        var active = 0;
        var terminating = 0;
        var isOrdered = true;
        var before = (IsUnhealthy: false, State: BackendState.Active);
        foreach (var (backend, _, _) in _fitting)
        {
            isOrdered &= !before.IsUnhealthy && !backend.IsUnhealthy && before.State <= backend.State;
            before = (backend.IsUnhealthy, backend.State);
            if (backend is { State: BackendState.Active, IsUnhealthy: false })
                active++;
            else if (backend is { State: BackendState.Terminating, IsUnhealthy: false })
                terminating++;
        }

        if (!isOrdered)
            _fitting.Sort(static (left, right) => Compare(left.Backend, right.Backend));
        return active > 0 ? active : terminating;
    }

    private static int Compare(Backend left, Backend right)
    {
        if (left.IsUnhealthy != right.IsUnhealthy)
            return left.IsUnhealthy.CompareTo(right.IsUnhealthy);
        return left.State != right.State ? left.State.CompareTo(right.State) : left.Address.CompareTo(right.Address);
    }
}
