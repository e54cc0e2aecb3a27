using System.Diagnostics.CodeAnalysis;
using Datapath.BpfObjects.Layout;
using Datapath.Linux.Bpf;

namespace Datapath.Linux.Services;

/// <summary>
/// The frontends of one family: a hash in the kernel, their slots in memory shared with it, and what is known of both. A frontend changes
/// by writing its new slots beside the old ones, then replacing its word in the hash, then retiring the old slots.
/// </summary>
internal sealed partial class FrontendTable<
    [DynamicallyAccessedMembers(PaddingFinder.Fields)] TKey,
    [DynamicallyAccessedMembers(PaddingFinder.Fields)] TSlot,
    TFamily> : IFrontendTable, IDisposable
    where TKey : unmanaged, IEquatable<TKey>
    where TSlot : unmanaged
    where TFamily : IFamily<TKey, TSlot>
{
    private readonly BpfHashMap<TKey, FrontendValue> _frontends;
    private readonly SlotTable<TSlot, TFamily> _slots;
    private readonly Identifiers _identifiers;
    private readonly FrontendWriting _writing;
    private readonly RetiredBackends _retired;
    private readonly MapInfo _info;
    private readonly SetTable<TSlot, TFamily> _sets;
    private readonly Dictionary<TKey, FrontendEntry> _entries = [];
    private readonly Dictionary<uint, TKey> _keysWithSets = [];

    public FrontendTable(BpfMap frontends, BpfMap slots, ClientMaps clients, Identifiers identifiers, FrontendWriting writing, RetiredBackends retired)
    {
        _frontends = frontends.AsHash<TKey, FrontendValue>();
        _slots = new(slots, identifiers);
        _sets = new(_slots, clients);
        _identifiers = identifiers;
        _writing = writing;
        _retired = retired;
        _info = frontends.Info;
    }

    /// <summary>Whether dials over TCP pass over backends that did not take a connection lately.</summary>
    public bool FallsBack { get; init; }

    public SlotAllocator Allocator => _slots.Allocator;

    public SlotTable<TSlot, TFamily> Slots => _slots;

    public SetTable<TSlot, TFamily> Sets => _sets;

    public int Count => _entries.Count;

    public IEnumerable<uint> Ids => _entries.Values.Select(static entry => entry.Id);

    public IEnumerable<L4Address> Addresses => _entries.Keys.Select(static key => TFamily.Address(in key));

    public IEnumerable<(L4Address Address, FrontendTraits Traits)> Traits => _entries.Select(static e => (TFamily.Address(e.Key), e.Value.Traits));

    /// <summary>Whose the frontends are, by identifier.</summary>
    public IEnumerable<KeyValuePair<uint, BackendLoser>> Losers => _entries.Values.Select(static entry => KeyValuePair.Create(entry.Id, entry.Loser));

    /// <summary>Takes over what an earlier process left in the kernel.</summary>
    /// <param name="others">What else of this family may have sets, by identifier.</param>
    /// <param name="rangesOfOthers">The slots that it occupies.</param>
    /// <param name="further">The further sets.</param>
    /// <exception cref="IncompatibleStateException">It contradicts itself.</exception>
    public void Adopt(IEnumerable<KeyValuePair<uint, L4Protocol>> others, IEnumerable<SlotRange> rangesOfOthers, KernelSets further)
    {
        foreach (var (key, value) in _frontends.ToList())
        {
            var (address, range) = (TFamily.Address(in key), new SlotRange(value));
            if (value.KeyTag != TFamily.Tag(in key) || !_slots.IsInside(range) || _slots.HeadOf(range) is not { FrontendId: > 0 } head)
                throw new IncompatibleStateException($"map '{_info.Name}': {address} refers to slots that it cannot have; uninstall, then start again");
            _entries.Add(key, new(head.FrontendId, head.Type, range, _slots.TraitsOf(range), Service: null));
            _identifiers.AdoptFrontend(head.FrontendId);
            _slots.AdoptBackends(address.Protocol, range);
        }

        _sets.Adopt(_entries.Select(static e => KeyValuePair.Create(e.Value.Id, TFamily.Address(e.Key).Protocol)).Concat(others).ToDictionary(), further);
        foreach (var (key, entry) in _entries)
            NoteSets(key, entry.Id);
        if (!Allocator.TryReserve(_entries.Values.Select(static e => e.Range).Concat(_sets.Ranges).Concat(rangesOfOthers).Select(static r => (r.First, r.Slots))))
            throw new IncompatibleStateException($"map '{_info.Name}': two frontends share slots; uninstall, then start again");
    }

    public IEnumerable<ProgrammedFrontend> Read(KernelSets further)
    {
        foreach (var (key, value) in _frontends.ToList())
        {
            if (KernelFrontend.Read<TKey, TSlot, TFamily>(in key, value, _slots.Memory, further) is { } frontend)
                yield return frontend;
        }
    }

    public bool Remove(L4Address address)
    {
        var key = TFamily.Key(address);
        if (!_entries.Remove(key, out var entry))
            return false;
        using (_writing.Begin())
            _ = _frontends.Remove(in key);
        RemoveSets(entry);
        Retire(in key, entry);
        _identifiers.ReleaseFrontend(entry.Id);
        return true;
    }

    public ulong SetsWith(RetiredBackend retired)
    {
        if (!_keysWithSets.TryGetValue(retired.FrontendId, out var key))
            return 0;
        var own = _entries.TryGetValue(key, out var entry) && BackendsOf(in key, entry).Contains(retired.Backend) ? 1UL : 0;
        return own | _sets.SetsWith(retired.FrontendId, retired.Backend);
    }

    public IEnumerable<RetiredBackend> WhereNotRight(IEnumerable<RetiredBackend> led)
    {
        var keys = _entries.ToDictionary(static e => e.Value.Id, static e => e.Key);
        return led.Where(pair => !(keys.TryGetValue(pair.FrontendId, out var key) && !_sets.Has(pair.FrontendId) && BackendsOf(in key, _entries[key]).Contains(pair.Backend)));
    }

    public void Dispose() => _slots.Dispose();

    private void NoteSets(TKey key, uint id)
    {
        if (_sets.Has(id))
            _keysWithSets[id] = key;
        else
            _ = _keysWithSets.Remove(id);
    }

    private void RemoveSets(FrontendEntry entry)
    {
        foreach (var backend in _sets.BackendsOf(entry.Id, isStaged: false))
            _retired.Leave(entry.Id, backend, entry.Loser);
        _sets.Remove(entry.Id);
        _ = _keysWithSets.Remove(entry.Id);
    }

    private HashSet<L4Address> AllBackendsOf(in TKey key, FrontendEntry entry)
    {
        var backends = BackendsOf(in key, entry);
        backends.UnionWith(_sets.BackendsOf(entry.Id, isStaged: false));
        return backends;
    }

    private void Retire(in TKey key, FrontendEntry entry)
    {
        foreach (var backend in _slots.Retire(TFamily.Address(in key).Protocol, entry.Range))
            _retired.Leave(entry.Id, backend, entry.Loser);
    }

    private HashSet<L4Address> BackendsOf(in TKey key, FrontendEntry entry) => _slots.BackendsOf(TFamily.Address(in key).Protocol, entry.Range);
}
