namespace Datapath.Policy;

/// <summary>Merges the slices of a service and gives each frontend the backends that fit. Holds scratch lists: not thread-safe.</summary>
internal sealed class BackendSelector
{
    private readonly CandidateMerger _merger = new();
    private readonly List<Candidate> _fitting = [];
    private ServiceEntry _service = null!;
    private BackendRules _rules;
    private bool _isMerged;

    /// <summary>Turns to a service.</summary>
    /// <param name="service">The service, which has a plan.</param>
    /// <param name="rules">What decides about backends beside the frontend.</param>
    public void Load(ServiceEntry service, in BackendRules rules)
    {
        (_service, _rules, _isMerged) = (service, rules, false);
        if (!rules.JudgeEachAlone || !service.Selections.TryFollow(service.Plan!, service.Slices, rules.Node.Name))
            service.Selections.Clear(service.Plan!);
    }

    /// <summary>The backends of a frontend. Frontends that differ in their addresses alone share them.</summary>
    public Selection Select(L4Address address, string portName, bool onlyLocal)
    {
        var key = BackendKey.Of(address, portName, onlyLocal);
        if (_service.Selections.TryFind(key, out var selection))
            return selection;
        if (!_isMerged)
            _merger.Load(_service.Slices);
        _isMerged = true;
        selection = Select(key);
        _service.Selections.Add(key, selection);
        return selection;
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
            else if (_rules.Health.Judge(_service.Name, best.Backend) is { } judged)
                _fitting.Add(best with { Backend = judged });
        }

        if (_rules.Topology is not TrafficDistribution.None)
            Topology.Apply(_fitting, in _rules);
        return Selection.Of(_fitting);
    }
}
