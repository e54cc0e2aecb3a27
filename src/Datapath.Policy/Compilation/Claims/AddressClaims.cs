using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Datapath.Policy;

/// <summary>
/// Decides who holds the frontend addresses. The rule, as a function of the claimants alone: go through them by
/// <see cref="ClaimPriority"/>; each holds all its addresses, unless one of them is already held, then it holds none.
/// </summary>
/// <remarks>
/// Incremental: whether a claimant holds its addresses depends only on those of higher priority that claim one of the same. So a change
/// puts those concerned into a queue in the order of priority; each is judged once, when all above it are settled.
/// </remarks>
/// <param name="changed">Told of a claimant that holds its addresses from now on or no longer, or has lost them to another one.</param>
/// <param name="addressChanged">Told of an address whose holder may be another one from now on.</param>
internal sealed class AddressClaims(Action<Claimant> changed, Action<L4Address> addressChanged)
{
    private readonly Dictionary<L4Address, Claimants> _claims = [];
    private readonly PriorityQueue<Claimant, ClaimPriority> _queue = new();

    /// <summary>Brings claims in line with what is wanted now. Call <see cref="Settle"/> when all are.</summary>
    public void Update(Claimant entry, L4Address[] wanted, ClaimPriority priority)
    {
        if (entry.Priority == priority && wanted.AsSpan().SequenceEqual(entry.Claimed))
            return;
        var isContested = false;
        foreach (var address in entry.Claimed)
        {
            isContested |= Withdraw(address, entry);
            addressChanged(address);
        }

        entry.Claimed = wanted;
        entry.Priority = priority;
        foreach (var address in wanted)
        {
            ref var claimants = ref CollectionsMarshal.GetValueRefOrAddDefault(_claims, address, out _);
            isContested |= claimants.Count > 0;
            EnqueueAll(claimants);
            claimants.Add(entry);
            addressChanged(address);
        }

        // Nearly all share no address with anybody: they hold what they claim without being judged.
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

    /// <summary>Who holds an address; <see langword="null"/> if nobody does. Right after <see cref="Settle"/> only.</summary>
    public Claimant? HolderOf(L4Address address)
    {
        ref var claimants = ref CollectionsMarshal.GetValueRefOrNullRef(_claims, address);
        if (Unsafe.IsNullRef(ref claimants))
            return null;
        for (var i = 0; i < claimants.Count; i++)
        {
            if (claimants[i].Holds)
                return claimants[i];
        }

        return null;
    }

    private void Judge(Claimant entry)
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
            addressChanged(address);
            var claimants = _claims[address];
            for (var i = 0; i < claimants.Count; i++)
            {
                if (claimants[i].Priority.CompareTo(entry.Priority) > 0 && !claimants[i].IsQueued)
                    Enqueue(claimants[i]);
            }
        }
    }

    private (Claimant? Holder, L4Address Address) FindHolder(Claimant entry)
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
    private bool Withdraw(L4Address address, Claimant entry)
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

    private void Enqueue(Claimant entry)
    {
        entry.IsQueued = true;
        _queue.Enqueue(entry, entry.Priority);
    }

    /// <summary>Those who claim an address. Nearly always one, which then costs no list.</summary>
    private struct Claimants
    {
        private Claimant? _first;
        private List<Claimant>? _others;

        public readonly int Count => (_first is null ? 0 : 1) + (_others?.Count ?? 0);

        public readonly Claimant this[int index] => index == 0 ? _first! : _others![index - 1];

        public void Add(Claimant entry)
        {
            if (_first is null)
                _first = entry;
            else
                (_others ??= []).Add(entry);
        }

        public void Remove(Claimant entry)
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
