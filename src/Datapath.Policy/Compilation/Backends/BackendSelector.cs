using System.Runtime.InteropServices;

namespace Datapath.Policy;

/// <summary>Merges the slices of a service and gives each frontend the backends that fit. Holds scratch lists: not thread-safe.</summary>
internal sealed class BackendSelector
{
    private readonly CandidateMerger _merger = new();
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
        _merger.Load(slices);
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
        var groups = new CandidateGroups(_merger.Merged);
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
        var backends = InOrder(out var usable);
        return new(ImmutableCollectionsMarshal.AsImmutableArray(backends), usable);
    }

    /// <summary>Orders by health and state; by address and port they are in order already.</summary>
    /// <param name="usable">How many take new connections: the active ones or, if there is none, the terminating ones that still serve.</param>
    private Backend[] InOrder(out int usable)
    {
        var backends = new Backend[_fitting.Count];
        var count = 0;
        usable = 0;
        for (var rank = 0; count < backends.Length; rank++)
        {
            foreach (var (backend, _, _) in _fitting)
            {
                if (RankOf(backend) == rank)
                    backends[count++] = backend;
            }

            if (usable == 0 && rank <= (int)BackendState.Terminating)
                usable = count;
        }

        return backends;
    }

    private static int RankOf(Backend backend) => (int)backend.State + (backend.IsUnhealthy ? (int)BackendState.Maintenance + 1 : 0);
}
