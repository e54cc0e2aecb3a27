namespace Datapath.Policy;

/// <summary>Gathers what is known of sources by their addresses.</summary>
internal sealed class SourceFacts
{
    private readonly MasqueradeScope _scope;
    private readonly List<MasqueradeRemark> _remarks;
    private readonly List<PrefixFact<MasqueradeSourceClass>> _facts = [];
    private readonly IssueList _issues = new();
    private readonly NamespaceLabels _namespaces = new();
    private readonly SwitchedOffNamespaces _optedOut = new(PodSwitch.Masquerade);
    private readonly Dictionary<Pod, MasqueradeSourceClass> _classes = new(ReferenceEqualityComparer.Instance);

    private SourceFacts(MasqueradeScope scope, List<MasqueradeRemark> remarks)
    {
        (_scope, _remarks) = (scope, remarks);
        foreach (var item in scope.Inputs.Namespaces)
        {
            _ = _namespaces.Set(item.Metadata.Name, item.Metadata.Labels);
            _ = _optedOut.Set(item.Metadata.Name, item);
            PodSwitch.Masquerade.Validate(item, _issues);
            TakeWarnings(item.Key);
        }
    }

    public static List<PrefixFact<MasqueradeSourceClass>> Of(MasqueradeScope scope, List<MasqueradeRemark> remarks)
    {
        var facts = new SourceFacts(scope, remarks);
        foreach (var range in scope.Configuration.Sources.AsSpan())
            facts.Add(IPRange.Of(range), new(MasqueradeSourceFacts.Listed), nameof(MasqueradeConfiguration.Sources));
        foreach (var fact in scope.PodNetwork)
            facts.Add(fact.Range, new(MasqueradeSourceFacts.PodNetwork), fact.Origin, fact.Object);
        foreach (var address in scope.Node.Configuration.Addresses.AsSpan())
            facts.Add(IPRange.Of(IPValue.Of(address.Address)), new(MasqueradeSourceFacts.Host), MasqueradeScope.NodeAddressesField);
        facts.AddPods();
        return facts._facts;
    }

    /// <summary>What is known of a range and of a part of it. A pod's choice of addresses is its own.</summary>
    public static MasqueradeSourceClass Join(MasqueradeSourceClass around, MasqueradeSourceClass part) =>
        new(around.Facts | part.Facts, part.AddressChoice != 0 ? part.AddressChoice : around.AddressChoice);

    private void AddPods()
    {
        var holders = new PodHolders();
        foreach (var pod in _scope.Inputs.Pods)
        {
            if (_scope.Node.Runs(pod) && !pod.IsFinished && !pod.Spec.HostNetwork && IsValid(pod))
                holders.Add(pod);
        }

        foreach (var (address, pod) in holders.All)
            Add(IPRange.Of(address), ClassOf(pod), "an address", pod);
        _remarks.AddRange(holders.Remarks);
    }

    private bool IsValid(Pod pod)
    {
        _issues.Clear();
        ObjectValidator.Validate(pod, _issues);
        if (_issues.HasErrors)
            _remarks.Add(new(pod.Key, $"is refused: {_issues.ErrorText()}"));
        return !_issues.HasErrors;
    }

    /// <summary>Says what is wrong with the annotation, which has no effect then.</summary>
    private void TakeWarnings(ObjectKey key)
    {
        foreach (var issue in _issues.Issues)
            _remarks.Add(new(key, issue.ToString()));
        _issues.Clear();
    }

    /// <summary>The class of a pod, found out once for all its addresses.</summary>
    private MasqueradeSourceClass ClassOf(Pod pod)
    {
        if (_classes.TryGetValue(pod, out var known))
            return known;
        _issues.Clear();
        PodSwitch.Masquerade.Validate(pod, _issues);
        TakeWarnings(pod.Key);
        var found = new MasqueradeSourceClass(MasqueradeSourceFacts.Pod);
        if (_optedOut.Contain(pod))
        {
            found = new(MasqueradeSourceFacts.Pod | MasqueradeSourceFacts.OptedOut);
            _remarks.Add(new(pod.Key, $"keeps its address: {Pod.MasqueradeAnnotation} is disabled, by the pod or by its namespace"));
        }
        else if (PoolOf(pod) is >= 0 and var pool)
        {
            found = new(MasqueradeSourceFacts.Pod, (byte)(pool + 1));
            _remarks.Add(new(pod.Key, $"gets its address from pool '{_scope.Configuration.Pools[pool].Name}'"));
        }

        _classes.Add(pod, found);
        return found;
    }

    private int PoolOf(Pod pod)
    {
        var pools = _scope.Configuration.Pools.AsSpan();
        for (var i = 0; i < pools.Length; i++)
        {
            if (pools[i].NamespaceSelector.Matches(_namespaces.Of(pod.Metadata.Namespace)) && pools[i].PodSelector.Matches(pod.Metadata.Labels))
                return i;
        }

        return -1;
    }

    private void Add(IPRange range, MasqueradeSourceClass fact, string origin, KubernetesObject? item = null)
    {
        if (_scope.Wants(range.First.IsIPv4))
            _facts.Add(new(range, fact, origin, item));
    }
}
