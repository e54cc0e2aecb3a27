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
    private readonly Dictionary<TKey, FrontendEntry> _entries = [];

    public FrontendTable(BpfMap frontends, BpfMap slots, Identifiers identifiers, FrontendWriting writing, RetiredBackends retired)
    {
        _frontends = frontends.AsHash<TKey, FrontendValue>();
        _slots = new(slots, identifiers);
        _identifiers = identifiers;
        _writing = writing;
        _retired = retired;
        _info = frontends.Info;
    }

    /// <summary>Whether dials over TCP pass over backends that did not take a connection lately.</summary>
    public bool FallsBack { get; init; }

    public SlotAllocator Allocator => _slots.Allocator;

    public int Count => _entries.Count;

    public IEnumerable<L4Address> Addresses => _entries.Keys.Select(static key => TFamily.Address(in key));

    /// <summary>Takes over what an earlier process left in the kernel.</summary>
    /// <exception cref="IncompatibleStateException">It contradicts itself.</exception>
    public void Adopt()
    {
        foreach (var (key, value) in _frontends.ToList())
        {
            var frontend = KernelFrontend.Read<TKey, TSlot, TFamily>(in key, value, _slots.Memory)
                ?? throw new IncompatibleStateException($"map '{_info.Name}': {TFamily.Address(in key)} refers to slots that it cannot have; uninstall, then start again");
            _entries.Add(key, new(frontend.Id, frontend.Type, new(value), _slots.TraitsOf(new(value)), Service: null));
            _identifiers.AdoptFrontend(frontend.Id);
            foreach (var backend in frontend.Backends)
                _identifiers.AdoptBackend(backend.Address, backend.Id);
        }

        if (!Allocator.TryReserve(_entries.Values.Select(static e => (e.Range.First, e.Range.Slots))))
            throw new IncompatibleStateException($"map '{_info.Name}': two frontends share slots; uninstall, then start again");
    }

    /// <summary>Reads back from the kernel.</summary>
    public IEnumerable<ProgrammedFrontend> Read()
    {
        foreach (var (key, value) in _frontends.ToList())
        {
            if (KernelFrontend.Read<TKey, TSlot, TFamily>(in key, value, _slots.Memory) is { } frontend)
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
        Retire(entry, BackendsOf(in key, entry), staying: []);
        _identifiers.ReleaseFrontend(entry.Id);
        return true;
    }

    public void Dispose() => _slots.Dispose();

    private void Retire(FrontendEntry entry, HashSet<L4Address> backends, HashSet<L4Address> staying)
    {
        foreach (var backend in backends)
        {
            _identifiers.ReleaseBackend(backend);
            if (!staying.Contains(backend))
                _retired.Leave(entry.Id, backend);
        }

        _slots.Retire(entry.Range);
    }

    private HashSet<L4Address> BackendsOf(in TKey key, FrontendEntry entry) => _slots.BackendsOf(TFamily.Address(in key).Protocol, entry.Range);
}
