using System.Diagnostics.CodeAnalysis;
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
    /// <param name="protocol">The frontend's protocol.</param>
    /// <param name="id">The frontend.</param>
    /// <param name="type">Why it exists.</param>
    /// <param name="traits">What is to stand in the header.</param>
    /// <param name="backends">The set.</param>
    /// <param name="old">What it is to replace: who is there stays at its place as far as can be.</param>
    /// <param name="difference">
    /// How the set differs from <paramref name="old"/>: only who comes is counted as used, and to be released when the set is. <see langword="null"/>: all are.
    /// </param>
    /// <param name="range">Where it is.</param>
    /// <param name="failure">Why it is nowhere.</param>
    /// <returns>Whether there was room.</returns>
    public bool TryWrite(
        L4Protocol protocol,
        uint id,
        FrontendType type,
        FrontendTraits traits,
        ReadOnlySpan<Backend> backends,
        SlotRange old,
        BackendDifference? difference,
        out SlotRange range,
        out SlotFailure failure)
    {
        var count = CountFor(protocol, traits, backends, old);
        var hasHeader = traits.NeedsHeader;
        (range, failure) = (default, default);
        if (count > FrontendValue.MaxCount)
        {
            failure = new($"{backends.Length} backends need {count} slots, a frontend has at most {FrontendValue.MaxCount}", IsTransient: false);
            return false;
        }

        var slots = SlotRange.SlotsOf(count, hasHeader);
        if (!Allocator.TryTake(slots, out var first))
        {
            // Room may come when others go.
            failure = new($"map '{_name}' has no {slots} free slots in a row ({Allocator.Free} of {Allocator.Capacity} are free): raise maxSlots", IsTransient: true);
            return false;
        }

        range = new(first, count, hasHeader);
        using var target = _slots.Slice(first, slots);
        if (hasHeader)
            target[0] = TFamily.Header(id, type, traits);
        else if (count == 0)
            target[0] = TFamily.Slot(new(default, 0, id, type));
        if (count > 0)
            Write(protocol, new(default, 0, id, type), backends, old, difference, target.Span[(hasHeader ? 1 : 0)..]);
        return true;
    }

    /// <summary>Compares a range with the set that is to replace it.</summary>
    public BackendDifference Compare(L4Protocol protocol, SlotRange range, ReadOnlySpan<Backend> backends)
    {
        using var slots = _slots.Slice(range.FirstBackend, range.Count);
        return BackendDifference.Between<TSlot, TFamily>(protocol, slots.Span, backends);
    }

    /// <summary>Whether a range holds what <see cref="TryWrite"/> would write.</summary>
    public bool Holds(L4Protocol protocol, SlotRange range, FrontendTraits traits, ReadOnlySpan<Backend> backends) =>
        TraitsOf(range) == traits && Holds(protocol, range, backends, Compare(protocol, range, backends));

    /// <summary>Whether a range holds what <see cref="TryWrite"/> would write, apart from the header.</summary>
    public bool Holds(L4Protocol protocol, SlotRange range, ReadOnlySpan<Backend> backends, BackendDifference difference)
    {
        if (!difference.IsEmpty || range.Count != CountFor(protocol, TraitsOf(range), backends, range))
            return false;
        if (range.Count == backends.Length)
            return true; // each has one
        using var slots = _slots.Slice(range.FirstBackend, range.Count);
        var owners = new int[range.Count];
        for (var i = 0; i < backends.Length; i++)
            owners[difference.Places[i]] = i;
        var first = BackendIndex.Of<TSlot, TFamily>(slots.Span);
        var held = new int[backends.Length];
        foreach (ref readonly var slot in slots)
            held[owners[first.Find(TFamily.BackendId(in slot))]]++;
        return held.AsSpan().SequenceEqual(SlotDealer.Quotas(held, SlotDealer.WeightsOf(backends), range.Count));
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

    private static int CountFor(L4Protocol protocol, FrontendTraits traits, ReadOnlySpan<Backend> backends, SlotRange old)
    {
        // Who stays with a backend anyway needs no place of its own that would lead there again.
        var dealt = traits.AffinitySeconds > 0 ? L4Protocol.Tcp : protocol;
        return backends.IsEmpty ? 0 : SlotDealer.CountSlots(dealt, SlotDealer.WeightsOf(backends), old.Count);
    }

    private void Write(
        L4Protocol protocol, in SlotContent frontend, ReadOnlySpan<Backend> backends, SlotRange old, BackendDifference? difference, Span<TSlot> target)
    {
        using var before = _slots.Slice(old.FirstBackend, old.Count);
        var isOneEach = protocol is L4Protocol.Tcp && target.Length == backends.Length;
        var ready = isOneEach ? target : new TSlot[backends.Length];
        Fill(ready, frontend, backends, before.Span, difference);
        if (isOneEach)
            return;
        var owners = OwnersBefore(BackendIndex.Of<TSlot, TFamily>(ready), before.Span, target.Length);
        SlotDealer.Deal(owners, SlotDealer.WeightsOf(backends));
        for (var i = 0; i < owners.Length; i++)
            target[i] = ready[owners[i]];
    }

    /// <summary>Makes a slot for each backend, and counts those that come.</summary>
    private void Fill(Span<TSlot> ready, in SlotContent frontend, ReadOnlySpan<Backend> backends, ReadOnlySpan<TSlot> before, BackendDifference? difference)
    {
        var places = difference is null ? [] : difference.Places;
        var isAlike = before.Length > 0 && TFamily.Read(in before[0], L4Protocol.Tcp) is var old && old.FrontendId == frontend.FrontendId && old.Type == frontend.Type;
        for (var i = 0; i < ready.Length; i++)
        {
            if (places.IsEmpty || places[i] < 0)
                ready[i] = TFamily.Slot(frontend with { Backend = backends[i].Address, BackendId = _identifiers.UseBackend(backends[i].Address) });
            else
                ready[i] = isAlike ? before[places[i]] : TFamily.Slot(frontend with { Backend = backends[i].Address, BackendId = TFamily.BackendId(in before[places[i]]) });
        }
    }

    /// <summary>Who owns the places of a range now, -1 where nobody does who stays: the same place in a range of another length, a socket's is a fraction of the range.</summary>
    private static int[] OwnersBefore(BackendIndex backends, ReadOnlySpan<TSlot> before, int length)
    {
        var owners = new int[length];
        for (var i = 0; i < owners.Length; i++)
            owners[i] = before.IsEmpty ? -1 : backends.Find(TFamily.BackendId(in before[(int)((long)i * before.Length / owners.Length)]));
        return owners;
    }
}

/// <summary>Why a set has no slots.</summary>
/// <param name="Reason">What is missing, and what to do.</param>
/// <param name="IsTransient">Whether there may be room later.</param>
internal readonly record struct SlotFailure(string Reason, bool IsTransient);
