using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using Datapath.BpfObjects.Layout;
using Datapath.Linux.Bpf;

namespace Datapath.Linux.Services;

/// <summary>The slots of one family, in memory that the programs read: ranges of them for sets of backends.</summary>
internal sealed class SlotTable<[DynamicallyAccessedMembers(PaddingFinder.Fields)] TSlot, TFamily> : IDisposable
    where TSlot : unmanaged
    where TFamily : IFamily<TSlot>
{
    private readonly BpfMappedArray<TSlot> _slots;
    private readonly Identifiers _identifiers;
    private readonly string _name;

    public SlotTable(BpfMap slots, Identifiers identifiers)
    {
        _slots = slots.MapMemory<TSlot>();
        _identifiers = identifiers;
        _name = slots.Info.Name;
        Allocator = new(_slots.Count);
    }

    public SlotAllocator Allocator { get; }

    public BpfMappedArray<TSlot> Memory => _slots;

    /// <summary>What the header of a range says.</summary>
    public FrontendTraits TraitsOf(SlotRange range) => range.HasHeader ? TFamily.Traits(in _slots.DangerousItem(range.First)) : default;

    /// <summary>Writes a set beside the one that it is to replace. Programs do not see it yet.</summary>
    /// <param name="wish">Whose set, and how.</param>
    /// <param name="backends">The set.</param>
    /// <param name="written">Where it is.</param>
    /// <returns>Why it is nowhere; <see langword="null"/>: it is written.</returns>
    public SlotFailure? Write(in SlotWish wish, in BackendList backends, out WrittenSet written)
    {
        var count = CountFor(wish.Protocol, wish.Traits, in backends, wish.Old);
        var hasHeader = wish.Traits.NeedsHeader;
        written = default;
        if (count > FrontendValue.MaxCount)
            return new($"{backends.All.Length} backends need {count} slots, a frontend has at most {FrontendValue.MaxCount}", IsTransient: false);

        var wanted = SlotRange.SlotsOf(count, hasHeader);
        int first;
        while (!Allocator.TryTake(SlotRange.SlotsOf(count, hasHeader), out first))
        {
            count = wish.SettlesForLess ? SlotDealer.Fewer(backends.All.Length, count) : 0;
            if (count > 0)
                continue;

            // Room may come when others go.
            return new($"map '{_name}' has no {wanted} free slots in a row ({Allocator.Free} of {Allocator.Capacity} are free): raise maxSlots", IsTransient: true);
        }

        var range = new SlotRange(first, count, hasHeader);
        using var target = _slots.Slice(first, range.Slots);
        if (hasHeader)
            target[0] = TFamily.Header(wish.FrontendId, wish.Type, wish.Traits);
        else if (count == 0)
            target[0] = TFamily.Slot(wish.Empty);
        var firsts = count > 0 ? Write(wish, in backends, target.Span[(hasHeader ? 1 : 0)..]) : [];
        written = new(range, new(in backends, firsts));
        return null;
    }

    /// <summary>What the slots of a range say they were written for.</summary>
    public WrittenBackends Read(L4Protocol protocol, SlotRange range)
    {
        using var slots = _slots.Slice(range.FirstBackend, range.Count);
        return WrittenBackends.Read<TSlot, TFamily>(protocol, slots.Span);
    }

    /// <summary>Whether a range holds a set, see below.</summary>
    public bool Holds(L4Protocol protocol, SlotRange range, FrontendTraits traits, in BackendList backends, bool settlesForLess) =>
        TraitsOf(range) == traits && Holds(protocol, range, in backends, BackendDifference.Between(Read(protocol, range), in backends), settlesForLess);

    /// <summary>Whether a range holds a set, apart from the header.</summary>
    /// <param name="protocol">The frontend's protocol.</param>
    /// <param name="range">The range.</param>
    /// <param name="backends">The set.</param>
    /// <param name="difference">How they differ.</param>
    /// <param name="settlesForLess">Whether shares will do that are as good as these slots allow, though there should be more of them.</param>
    public bool Holds(L4Protocol protocol, SlotRange range, in BackendList backends, BackendDifference difference, bool settlesForLess)
    {
        if (!difference.IsEmpty)
            return false;
        var count = CountFor(protocol, TraitsOf(range), in backends, range);
        if (range.Count != count && !settlesForLess && !(BitOperations.IsPow2(range.Count) && range.Count > count))
            return false; // more than would be dealt today an earlier version may have left
        if (range.Count == backends.All.Length)
            return true; // each has one
        using var slots = _slots.Slice(range.FirstBackend, range.Count);
        var owners = new int[range.Count];
        for (var i = 0; i < difference.Places.Length; i++)
            owners[difference.Places[i]] = i;
        var first = BackendIndex.Of<TSlot, TFamily>(slots.Span);
        var held = new int[difference.Places.Length];
        foreach (ref readonly var slot in slots)
            held[owners[first.Find(TFamily.BackendId(in slot))]]++;
        return held.AsSpan().SequenceEqual(SlotDealer.Quotas(held, backends.Shares, range.Count));
    }

    /// <summary>The backends of a range, each once.</summary>
    public HashSet<L4Address> BackendsOf(L4Protocol protocol, SlotRange range)
    {
        var backends = new HashSet<L4Address>();
        using var slots = _slots.Slice(range.FirstBackend, range.Count);
        foreach (ref readonly var slot in slots)
            _ = backends.Add(TFamily.Read(in slot, protocol).Backend);
        return backends;
    }

    /// <summary>Whether a range is one that programs may read.</summary>
    public bool IsInside(SlotRange range) => range.First > 0 && range.First + range.Slots <= _slots.Count;

    /// <summary>The first slot of a range, which says whose it is.</summary>
    public SlotContent HeadOf(SlotRange range) => TFamily.Read(in _slots.DangerousItem(range.First), L4Protocol.Tcp);

    /// <summary>Counts the backends of a range that an earlier process left.</summary>
    public void AdoptBackends(L4Protocol protocol, SlotRange range)
    {
        var seen = new HashSet<L4Address>();
        using var slots = _slots.Slice(range.FirstBackend, range.Count);
        foreach (ref readonly var slot in slots)
        {
            var content = TFamily.Read(in slot, protocol);
            if (seen.Add(content.Backend))
                _identifiers.AdoptBackend(content.Backend, content.BackendId);
        }
    }

    /// <summary>Gives back a range that no program can have seen.</summary>
    /// <returns>Its backends, which are no longer counted.</returns>
    public HashSet<L4Address> Return(L4Protocol protocol, SlotRange range)
    {
        var backends = BackendsOf(protocol, range);
        Return(range, backends);
        return backends;
    }

    /// <summary>Gives back a range that no program can have seen.</summary>
    /// <param name="range">The range.</param>
    /// <param name="used">The backends that are no longer counted with it.</param>
    public void Return(SlotRange range, IReadOnlyCollection<L4Address> used)
    {
        Release(used);
        Allocator.Return(range.First, range.Slots);
    }

    /// <summary>Gives back a range that programs may still be reading.</summary>
    /// <returns>Its backends, which are no longer counted.</returns>
    public HashSet<L4Address> Retire(L4Protocol protocol, SlotRange range)
    {
        var backends = BackendsOf(protocol, range);
        Retire(range, backends);
        return backends;
    }

    /// <summary>Gives back a range that programs may still be reading.</summary>
    /// <param name="range">The range.</param>
    /// <param name="used">The backends that are no longer counted with it.</param>
    public void Retire(SlotRange range, IReadOnlyCollection<L4Address> used)
    {
        Release(used);
        Allocator.Retire(range.First, range.Slots);
    }

    public void Dispose() => _slots.Dispose();

    private void Release(IReadOnlyCollection<L4Address> backends)
    {
        foreach (var backend in backends)
            _identifiers.ReleaseBackend(backend);
    }

    private int CountFor(L4Protocol protocol, FrontendTraits traits, in BackendList backends, SlotRange old)
    {
        // Who stays with a backend anyway needs no place of its own that would lead there again.
        var dealt = traits.AffinitySeconds > 0 ? L4Protocol.Tcp : protocol;
        return backends.All.IsEmpty ? 0 : SlotDealer.CountSlots(dealt, backends.Shares, old.Count, Allocator.Capacity);
    }

    /// <summary>Fills a range.</summary>
    /// <returns>For each backend its first slot; empty if each has the one of its own place.</returns>
    private int[] Write(in SlotWish wish, in BackendList backends, Span<TSlot> target)
    {
        using var before = _slots.Slice(wish.Old.FirstBackend, wish.Old.Count);
        var isOneEach = wish.Protocol is L4Protocol.Tcp && target.Length == backends.All.Length;
        var ready = isOneEach ? target : new TSlot[backends.All.Length];
        Fill(ready, wish.Empty, backends.Span, before.Span, wish.Difference);
        if (isOneEach)
            return [];
        var owners = OwnersBefore(BackendIndex.Of<TSlot, TFamily>(ready), before.Span, target.Length);
        SlotDealer.Deal(owners, backends.Shares);
        var firsts = new int[ready.Length];
        for (var i = owners.Length - 1; i >= 0; i--)
        {
            target[i] = ready[owners[i]];
            firsts[owners[i]] = i;
        }

        return firsts;
    }

    /// <summary>Makes a slot for each backend, and counts those that come.</summary>
    private void Fill(Span<TSlot> ready, in SlotContent frontend, ReadOnlySpan<Backend> backends, ReadOnlySpan<TSlot> before, BackendDifference? difference)
    {
        var places = difference is null ? [] : difference.Places;
        var isAlike = before.Length > 0 && TFamily.Read(in before[0], L4Protocol.Tcp) is var old && old.FrontendId == frontend.FrontendId && old.Type == frontend.Type;
        for (var i = 0; i < ready.Length; i++)
        {
            if (isAlike && i < places.Length && places[i] >= 0)
                ready[i] = before[places[i]];
            else if (places.IsEmpty || places[i] < 0)
                ready[i] = TFamily.Slot(frontend with { Backend = backends[i].Address, BackendId = _identifiers.UseBackend(backends[i].Address) });
            else
                ready[i] = TFamily.Slot(frontend with { Backend = backends[i].Address, BackendId = TFamily.BackendId(in before[places[i]]) });
        }
    }

    /// <summary>Who owns the places of a range now, -1 where nobody does who stays: the same place in a range of another length, a socket's is a fraction of the range.</summary>
    private static int[] OwnersBefore(BackendIndex backends, ReadOnlySpan<TSlot> before, int length)
    {
        var owners = new int[length];
        if (before.IsEmpty)
            Array.Fill(owners, -1);
        else
            Scale(backends, before, owners);
        return owners;
    }

    // A range of the same length, as it is nearly always, takes no divisions.
    private static void Scale(BackendIndex backends, ReadOnlySpan<TSlot> before, Span<int> owners)
    {
        for (var i = 0; i < owners.Length; i++)
        {
            var place = before.Length == owners.Length ? i : (int)((long)i * before.Length / owners.Length);
            owners[i] = backends.Find(TFamily.BackendId(in before[place]));
        }
    }
}

/// <summary>For whom slots are to be written.</summary>
/// <param name="Protocol">The frontend's protocol.</param>
/// <param name="FrontendId">The frontend.</param>
/// <param name="Type">Why it exists.</param>
/// <param name="Traits">What is to stand in the header.</param>
internal readonly record struct SlotWish(L4Protocol Protocol, uint FrontendId, FrontendType Type, FrontendTraits Traits)
{
    /// <summary>What they are to replace: who is there stays at its place as far as can be.</summary>
    public SlotRange Old { get; init; }

    /// <summary>
    /// How the set differs from <see cref="Old"/>: only who comes is counted as used, and to be released when the set is. <see langword="null"/>: all are.
    /// </summary>
    public BackendDifference? Difference { get; init; }

    /// <summary>Whether fewer slots will do where there is no room for those that give good shares.</summary>
    public bool SettlesForLess { get; init; }

    /// <summary>The frontend's slot while it has no backend.</summary>
    public SlotContent Empty => new(default, 0, FrontendId, Type);
}

/// <summary>A set that was written.</summary>
/// <param name="Range">Where it is.</param>
/// <param name="Backends">What it holds.</param>
internal readonly record struct WrittenSet(SlotRange Range, WrittenBackends Backends);

/// <summary>Why a set has no slots.</summary>
/// <param name="Reason">What is missing, and what to do.</param>
/// <param name="IsTransient">Whether there may be room later.</param>
internal readonly record struct SlotFailure(string Reason, bool IsTransient);
