using System.Runtime.InteropServices;

namespace Datapath.Policy;

/// <summary>
/// Decides who holds the frontend addresses. The rule, as a function of the services alone: go through them by
/// <see cref="ServicePriority"/>; each holds all its addresses, unless one of them is already held, then it holds none.
/// </summary>
/// <remarks>
/// Incremental: whether a service holds its addresses depends only on services of higher priority that claim one of the same. So a change
/// puts those concerned into a queue in the order of priority; each is judged once, when all above it are settled.
/// </remarks>
internal sealed class AddressClaims(Action<ServiceEntry> changed)
{
    private readonly Dictionary<L4Address, Claimants> _claims = [];
    private readonly PriorityQueue<ServiceEntry, ServicePriority> _queue = new();

    /// <summary>Brings a service's claims in line with its plan and priority. Call <see cref="Settle"/> when all are.</summary>
    public void Update(ServiceEntry entry, ServicePriority priority)
    {
        var wanted = entry.Plan?.Addresses ?? [];
        if (entry.Priority == priority && wanted.AsSpan().SequenceEqual(entry.Claimed))
            return;
        var isContested = false;
        foreach (var address in entry.Claimed)
            isContested |= Withdraw(address, entry);
        entry.Claimed = wanted;
        entry.Priority = priority;
        foreach (var address in wanted)
        {
            ref var claimants = ref CollectionsMarshal.GetValueRefOrAddDefault(_claims, address, out _);
            isContested |= claimants.Count > 0;
            EnqueueAll(claimants);
            claimants.Add(entry);
        }

        // Nearly all services share no address with anybody: they hold what they claim without being judged.
        if (isContested || entry.HeldBy is not null || entry.IsQueued)
            Enqueue(entry);
    }

    /// <summary>Judges everybody concerned by the updates since the last call.</summary>
    public void Settle()
    {
        // A priority may have changed while its owner waited in the queue; everybody waits under the present one.
        while (_queue.TryDequeue(out var entry, out var priority))
        {
            if (!entry.IsQueued || priority != entry.Priority)
                continue;
            entry.IsQueued = false;
            Judge(entry);
        }
    }

    private void Judge(ServiceEntry entry)
    {
        var (holder, at) = FindHolder(entry);
        if (ReferenceEquals(holder, entry.HeldBy) && (holder is null || at == entry.HeldAddress))
            return;
        var movesOver = (holder is null) != (entry.HeldBy is null);
        (entry.HeldBy, entry.HeldAddress) = (holder, at);
        changed(entry);
        if (!movesOver)
            return;
        foreach (var address in entry.Claimed)
        {
            var claimants = _claims[address];
            for (var i = 0; i < claimants.Count; i++)
            {
                if (claimants[i].Priority.CompareTo(entry.Priority) > 0 && !claimants[i].IsQueued)
                    Enqueue(claimants[i]);
            }
        }
    }

    private (ServiceEntry? Holder, L4Address Address) FindHolder(ServiceEntry entry)
    {
        foreach (var address in entry.Claimed)
        {
            var claimants = _claims[address];
            for (var i = 0; i < claimants.Count; i++)
            {
                var other = claimants[i];
                if (!ReferenceEquals(other, entry) && other.Holds && other.Priority.CompareTo(entry.Priority) < 0)
                    return (other, address);
            }
        }

        return default;
    }

    /// <returns>Whether others claim the address too.</returns>
    private bool Withdraw(L4Address address, ServiceEntry entry)
    {
        ref var claimants = ref CollectionsMarshal.GetValueRefOrNullRef(_claims, address);
        claimants.Remove(entry);
        if (claimants.Count == 0)
        {
            _claims.Remove(address);
            return false;
        }

        EnqueueAll(claimants);
        return true;
    }

    private void EnqueueAll(Claimants claimants)
    {
        for (var i = 0; i < claimants.Count; i++)
        {
            if (!claimants[i].IsQueued)
                Enqueue(claimants[i]);
        }
    }

    private void Enqueue(ServiceEntry entry)
    {
        entry.IsQueued = true;
        _queue.Enqueue(entry, entry.Priority);
    }

    /// <summary>The services that claim an address. Nearly always one, which then costs no list.</summary>
    private struct Claimants
    {
        private ServiceEntry? _first;
        private List<ServiceEntry>? _others;

        public readonly int Count => (_first is null ? 0 : 1) + (_others?.Count ?? 0);

        public readonly ServiceEntry this[int index] => index == 0 ? _first! : _others![index - 1];

        public void Add(ServiceEntry entry)
        {
            if (_first is null)
                _first = entry;
            else
                (_others ??= []).Add(entry);
        }

        public void Remove(ServiceEntry entry)
        {
            if (!ReferenceEquals(_first, entry))
            {
                _others?.Remove(entry);
                return;
            }

            _first = _others is [.., var last] ? last : null;
            if (_first is not null)
                _others!.RemoveAt(_others.Count - 1);
        }
    }
}
