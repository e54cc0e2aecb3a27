namespace Datapath.Policy;

/// <summary>Which pod of the node holds an address, where more than one says so: an address goes to a new pod before the old one is gone from the listing.</summary>
internal sealed class PodHolders
{
    private readonly Dictionary<IPValue, Pod> _holders = [];
    private readonly List<(IPValue Address, Pod Pod)> _others = [];

    public IEnumerable<KeyValuePair<IPValue, Pod>> All => _holders;

    public void Add(Pod pod)
    {
        foreach (var address in pod.AllAddresses)
        {
            if (_holders.TryAdd(address, pod) || ReferenceEquals(_holders[address], pod))
                continue;
            var holder = _holders[address];
            _holders[address] = Precedes(pod, holder) ? pod : holder;
            _others.Add((address, Precedes(pod, holder) ? holder : pod));
        }
    }

    /// <summary>What there is to say of pods that do not hold an address that they have.</summary>
    public IEnumerable<MasqueradeRemark> Remarks => _others.Distinct().Select(other =>
        new MasqueradeRemark(other.Pod.Key, $"does not count at {other.Address}: {_holders[other.Address].Key} has the address too, and comes first"));

    /// <summary>The one that stays, then the newer one, then the first by name.</summary>
    private static bool Precedes(Pod pod, Pod other)
    {
        if (pod.IsTerminating != other.IsTerminating)
            return other.IsTerminating;
        var byAge = pod.Metadata.CreatedOrNewest.CompareTo(other.Metadata.CreatedOrNewest);
        return byAge != 0 ? byAge > 0 : pod.Key < other.Key;
    }
}
