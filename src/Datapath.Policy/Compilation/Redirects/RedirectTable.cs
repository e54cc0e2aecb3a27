namespace Datapath.Policy;

/// <summary>The policies and what they want, and which of them wait to be looked at again.</summary>
internal sealed class RedirectTable(CompilerInputs inputs)
{
    private static readonly Comparer<RedirectEntry> s_byPrecedence =
        Comparer<RedirectEntry>.Create(static (left, right) => left.Plan!.Priority.CompareTo(right.Plan!.Priority));

    private readonly Dictionary<TargetKey, RedirectTarget> _targets = [];

    /// <summary>Those of <see cref="_targets"/> that others may lie in.</summary>
    private readonly RangeIndex _ranges = new();

    /// <summary>Those that were among them until now: what lies there is to be resolved again.</summary>
    private readonly RangeIndex _goneRanges = new();
    private bool _doRangesWait;

    public Dictionary<ObjectKey, RedirectEntry> Entries { get; } = [];

    /// <summary>Policies whose pods or clients may be others now.</summary>
    public WorkList<RedirectEntry> ToSelect { get; } = new();

    /// <summary>Addresses and ranges that may be served otherwise now.</summary>
    public WorkList<RedirectTarget> ToResolve { get; } = new();

    /// <summary>Policies whose own service may be another now.</summary>
    public WorkList<RedirectEntry> ToCompile { get; } = new();

    /// <summary>Policies whose status may be another now.</summary>
    public WorkList<RedirectEntry> ToJudge { get; } = new();

    /// <summary>The policy that a redirect of the state comes from.</summary>
    /// <param name="pseudoService">The name of the service that the policy stands for.</param>
    public RedirectEntry Find(ServiceName pseudoService) => Entries.Values.First(entry => entry.Name == pseudoService && entry.Plan is not null);

    /// <summary>Replaces what a policy wants.</summary>
    public void SetPlan(RedirectEntry entry, RedirectPlan? plan)
    {
        Withdraw(entry);
        entry.Plan = plan;
        if (plan is null)
            entry.Selection = RedirectSelection.Nobody;
        else
            Announce(entry, plan);
        ToSelect.Add(entry);
        ToCompile.Add(entry);
        ToJudge.Add(entry);
    }

    /// <summary>Marks everything that a policy may redirect.</summary>
    public void Touch(RedirectEntry entry)
    {
        foreach (var service in entry.Plan!.Services)
            inputs.MarkDirty(inputs.GetOrAddService(service));
        foreach (var target in entry.Targets)
            NeedResolution(target);
        ToJudge.Add(entry);
    }

    public void OnPodChanged(Pod? before, Pod? after)
    {
        foreach (var entry in Entries.Values)
        {
            if (entry.Plan is { } plan && (plan.ClientsArePods || Selects(plan, before) || Selects(plan, after)))
                ToSelect.Add(entry);
        }
    }

    public void OnNamespaceChanged()
    {
        foreach (var entry in Entries.Values)
        {
            if (entry.Plan is { ClientsArePods: true })
                ToSelect.Add(entry);
        }
    }

    public void OnAddressChanged(L4Address address)
    {
        if (_targets.Count == 0)
            return;
        NeedResolution(address);
        if (!address.IsUnspecified)
            return;
        foreach (var node in inputs.Node.NodePortAddresses(address.IsIPv4))
            NeedResolution(node.WithPort(address.Port, address.Protocol));
        foreach (var node in inputs.OtherNodes.Addresses(address.IsIPv4))
            NeedResolution(node.WithPort(address.Port, address.Protocol));
    }

    /// <summary>A node port may be served at other addresses than before.</summary>
    public void OnOtherNodesChanged(OtherNodes before, OtherNodes after)
    {
        foreach (var target in _targets.Values)
        {
            if (target.Key.IsExact && (before.Contains(target.Key.First) || after.Contains(target.Key.First)))
                NeedResolution(target);
        }
    }

    /// <summary>Lets everything wait for its resolution that lies in a range which does: policies for a range mean the special addresses in it, too.</summary>
    public void AddWhatLiesInRanges()
    {
        if (!_doRangesWait)
            return;
        foreach (var target in _targets.Values)
        {
            if (_ranges.Around(target).Any(ToResolve.Contains) || _goneRanges.Around(target).Any())
                ToResolve.Add(target);
        }

        _goneRanges.Clear();
        _doRangesWait = false;
    }

    /// <summary>
    /// What policies want of a target, by precedence: those that name it, and those for wider ranges, each by the most special that it has.
    /// </summary>
    public IEnumerable<(RedirectEntry Policy, TargetPlan Plan)> ClaimsOn(RedirectTarget target)
    {
        var wider = _ranges.Around(target).ToList();
        if (wider.Count == 0)
            return target.Claims;
        wider.Sort(static (left, right) => TargetKey.CompareSpeciality(left.Key, right.Key));
        return target.Claims.Concat(wider.SelectMany(static range => range.Claims)).DistinctBy(static claim => claim.Policy)
            .Select(claim => (claim.Policy, claim.Plan with { Key = target.Key })).OrderBy(static claim => claim.Policy, s_byPrecedence);
    }

    private static bool Selects(RedirectPlan plan, Pod? pod) =>
        pod is not null && plan.PodNamespace == pod.Metadata.Namespace && plan.Selector.Matches(pod.Metadata.Labels);

    private void NeedResolution(L4Address address)
    {
        if (_targets.TryGetValue(TargetKey.Of(address), out var target))
            NeedResolution(target);
    }

    private void NeedResolution(RedirectTarget target)
    {
        ToResolve.Add(target);
        _doRangesWait |= !target.Key.IsExact;
    }

    private void Withdraw(RedirectEntry entry)
    {
        if (entry.Plan is not { } plan)
            return;
        Touch(entry);
        foreach (var name in plan.Services)
        {
            var service = inputs.Services[name];
            service.Redirects!.Remove(entry);
            if (service.Redirects.Count == 0)
                service.Redirects = null;
        }

        foreach (var target in entry.Targets)
        {
            target.Claims.RemoveAll(claim => ReferenceEquals(claim.Policy, entry));
            if (target.Claims.Count > 0)
                continue;
            _targets.Remove(target.Key);
            if (target.Key.IsExact)
                continue;
            _ranges.Remove(target);
            _goneRanges.Add(target);
        }

        entry.Targets.Clear();
    }

    private void Announce(RedirectEntry entry, RedirectPlan plan)
    {
        foreach (var name in plan.Services)
        {
            var service = inputs.GetOrAddService(name);
            service.Redirects ??= [];
            service.Redirects.Add(entry);
            service.Redirects.Sort(s_byPrecedence);
        }

        foreach (var wanted in plan.Targets)
        {
            if (!inputs.Node.Wants(wanted.Key.First.IsIPv4))
                continue;
            if (!_targets.TryGetValue(wanted.Key, out var target))
            {
                _targets.Add(wanted.Key, target = new(wanted.Key));
                if (!wanted.Key.IsExact)
                    _ranges.Add(target);
            }

            target.Claims.Add((entry, wanted));
            target.Claims.Sort(static (left, right) => s_byPrecedence.Compare(left.Policy, right.Policy));
            entry.Targets.Add(target);
        }

        Touch(entry);
    }
}
