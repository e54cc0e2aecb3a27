using System.Runtime.InteropServices;

namespace Datapath.Policy;

/// <summary>Merges the slices of a service and gives each frontend the backends that fit. Holds scratch lists: not thread-safe.</summary>
internal sealed class BackendSelector
{
    private readonly List<Candidate> _candidates = [];
    private readonly List<Backend> _selected = [];

    /// <summary>Compiles the frontends of a service that holds its addresses.</summary>
    /// <param name="plan">What the service wants.</param>
    /// <param name="slices">Its slices, in any order.</param>
    /// <param name="nodeName">The node that is compiled for.</param>
    public Frontend[] Compile(ServicePlan plan, List<SliceEntry> slices, string nodeName)
    {
        if (plan.Addresses.Length == 0)
            return [];
        _candidates.Clear();
        foreach (var slice in slices)
            _candidates.AddRange(slice.Candidates);
        CollectionsMarshal.AsSpan(_candidates).Sort(Candidate.Order);
        var frontends = new Frontend[plan.Addresses.Length];
        for (var i = 0; i < frontends.Length; i++)
            frontends[i] = Compile(plan.Addresses[i], plan.PortNames[i], plan.IsLocal ? nodeName : null);
        return frontends;
    }

    private Frontend Compile(L4Address address, string portName, string? onlyNode)
    {
        _selected.Clear();
        var candidates = CollectionsMarshal.AsSpan(_candidates);
        while (!candidates.IsEmpty)
        {
            // One address may come from several slices, or from several ports of one: they are one backend.
            var first = candidates[0].Backend;
            var count = 1;
            while (count < candidates.Length && candidates[count].Backend.Address == first.Address)
                count++;
            if (first.Address.Protocol == address.Protocol && first.Address.IsIPv4 == address.IsIPv4
                && (onlyNode is null || first.NodeName is null || first.NodeName == onlyNode)
                && FitsName(candidates[..count], portName))
                _selected.Add(first);
            candidates = candidates[count..];
        }

        var usable = SortByState();
        return new()
        {
            Address = address,
            PortName = portName,
            Backends = [.. _selected],
            UsableCount = usable,
        };
    }

    /// <summary>Names matter only if both sides have one.</summary>
    private static bool FitsName(ReadOnlySpan<Candidate> sameAddress, string portName)
    {
        if (portName.Length == 0)
            return true;
        var hasName = false;
        foreach (var candidate in sameAddress)
        {
            if (candidate.PortName == portName)
                return true;
            hasName |= candidate.PortName.Length > 0;
        }

        return !hasName;
    }

    /// <summary>Orders the selection by state, then address and port.</summary>
    /// <returns>How many take new connections: the active ones or, if there is none, the terminating ones that still serve.</returns>
    private int SortByState()
    {
        var active = 0;
        var terminating = 0;
        var isOrdered = true;
        var before = BackendState.Active;
        foreach (var backend in _selected)
        {
            isOrdered &= before <= backend.State;
            before = backend.State;
            if (backend.State is BackendState.Active)
                active++;
            else if (backend.State is BackendState.Terminating)
                terminating++;
        }

        if (!isOrdered)
        {
            _selected.Sort(static (left, right) =>
                left.State != right.State ? left.State.CompareTo(right.State) : left.Address.CompareTo(right.Address));
        }

        return active > 0 ? active : terminating;
    }
}
