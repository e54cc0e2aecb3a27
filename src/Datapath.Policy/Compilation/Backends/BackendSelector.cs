namespace Datapath.Policy;

/// <summary>Merges the slices of a service and gives each frontend the backends that fit. Holds scratch lists: not thread-safe.</summary>
internal sealed class BackendSelector
{
    /// <summary>What fewer candidates make is not kept: to look at them again takes no longer, and there are many services like that.</summary>
    private const int LeastKept = 16;

    private readonly CandidateMerger _merger = new();
    private readonly SelectionEditor _editor = new();
    private readonly List<Candidate> _fitting = [];
    private readonly List<(BackendKey Key, Selection Selection)> _done = [];
    private ServiceEntry _service = null!;
    private BackendRules _rules;
    private bool _isMerged;

    /// <summary>Turns to a service.</summary>
    /// <param name="service">The service, which has a plan.</param>
    /// <param name="rules">What decides about backends beside the frontend.</param>
    public void Load(ServiceEntry service, in BackendRules rules)
    {
        (_service, _rules, _isMerged) = (service, rules, false);
        _done.Clear();
        if (!rules.JudgeEachAlone || service.Selections?.TryFollow(service.Plan!, service.Slices, rules.Node.Name, _editor) is false)
            service.Selections = null;
    }

    /// <summary>The backends of a frontend. Frontends that differ in their addresses alone share them.</summary>
    public Selection Select(L4Address address, string portName, bool onlyLocal)
    {
        var key = BackendKey.Of(address, portName, onlyLocal);
        if (_service.Selections?.TryFind(key, out var selection) is true)
            return selection;
        foreach (var (other, done) in _done)
        {
            if (other == key)
                return done;
        }

        if (!_isMerged)
            _merger.Load(_service.Slices);
        _isMerged = true;
        selection = Select(key);
        if (_rules.JudgeEachAlone && _merger.Merged.Length >= LeastKept)
            (_service.Selections ??= new(_service.Plan!)).Add(key, selection);
        else
            _done.Add((key, selection));
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
