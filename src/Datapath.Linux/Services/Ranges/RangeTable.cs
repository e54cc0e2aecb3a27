using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Datapath.BpfObjects.Layout;
using Datapath.Linux.Bpf;

namespace Datapath.Linux.Services;

/// <summary>
/// The ranges of one family: a trie of prefixes in the kernel, each with its ports and, as a frontend has, a word for the backends. There are few, so
/// all are looked at whenever one changes.
/// </summary>
internal sealed class RangeTable<
    [DynamicallyAccessedMembers(PaddingFinder.Fields)] TKey, [DynamicallyAccessedMembers(PaddingFinder.Fields)] TSlot, TFamily, TRanges>(
    BpfMap map, SlotTable<TSlot, TFamily> slots, SetTable<TSlot, TFamily> sets, Identifiers identifiers, FrontendWriting writing, RetiredBackends retired)
    where TKey : unmanaged, IEquatable<TKey>
    where TSlot : unmanaged
    where TFamily : IFamily<TSlot>
    where TRanges : IRangeFamily<TKey>
{
    private readonly BpfLpmTrie<TKey, RangeValue> _trie = map.AsLpmTrie<TKey, RangeValue>();
    private readonly Dictionary<Identity, RangeEntry> _entries = [];
    private readonly HashSet<TKey> _prefixes = [];
    private readonly List<RetiredBackend> _returned = [];
    private readonly List<(RangeEntry Entry, List<(TKey Key, ushort First, ushort Last)> Places)> _unclaimed = [];

    public int Count => _entries.Count;

    /// <summary>The identifiers and protocols of what is there.</summary>
    public IEnumerable<KeyValuePair<uint, L4Protocol>> Ids => All.Select(static entry => KeyValuePair.Create(entry.Id, entry.Protocol));

    /// <summary>The slots in use.</summary>
    public IEnumerable<SlotRange> Ranges => All.Select(static entry => entry.Range);

    /// <summary>What the headers say.</summary>
    public IEnumerable<FrontendTraits> Traits => All.Select(static entry => entry.Traits);

    private IEnumerable<RangeEntry> All => _entries.Values.Concat(_unclaimed.Select(static item => item.Entry));

    /// <summary>Takes over what an earlier process left. It works until the first <see cref="Set"/>, which tells anew what there is.</summary>
    /// <exception cref="IncompatibleStateException">It contradicts itself.</exception>
    public void Adopt()
    {
        foreach (var (key, value) in _trie.ToList())
        {
            _ = _prefixes.Add(key);
            foreach (var ports in value.Ports)
            {
                if (ports.First == 0)
                    break;
                var range = new SlotRange(new FrontendValue { Range = ports.Range });
                if (!slots.IsInside(range))
                    throw new IncompatibleStateException($"map '{map.Info.Name}' refers to slots that it cannot have; uninstall, then start again");
                var place = (key, ports.First, ports.Last);
                if (_unclaimed.Find(item => item.Entry.Range == range) is { Places: { } known })
                {
                    known.Add(place); // it counts inside a longer prefix too
                    continue;
                }

                var entry = new RangeEntry(slots.IdOf(range), TRanges.ProtocolOf(in key), range, slots.TraitsOf(range));
                identifiers.AdoptFrontend(entry.Id);
                slots.AdoptBackends(entry.Protocol, range);
                _unclaimed.Add((entry, [place]));
            }
        }
    }

    /// <summary>Reads back from the kernel.</summary>
    public ImmutableArray<ProgrammedRange> Read(Func<KernelSets> further) => KernelRange.Read<TKey, TSlot, TFamily, TRanges>(_trie, slots.Memory, further);

    /// <summary>Makes these the ranges, and only these.</summary>
    /// <param name="wanted">The ranges with what dials to them see.</param>
    /// <param name="failures">Where those go that cannot be.</param>
    /// <returns>How many changed.</returns>
    public int Set(IReadOnlyCollection<WantedRange> wanted, ICollection<ApplyFailure> failures)
    {
        var staged = new Dictionary<Identity, RangeEntry>();
        var ranges = new List<FrontendRange>();
        foreach (var item in wanted)
        {
            if (Stage(item, out var entry) is { } failure)
            {
                failures.Add(new(item.Service, item.Frontend.Address, $"range {item.Range}: {failure.Reason}", failure.IsTransient));
                if (!_entries.TryGetValue(new(item.Range), out entry))
                    continue; // what was there before stays in force
            }

            if (staged.TryAdd(new(item.Range), entry))
                ranges.Add(item.Range);
            else
                failures.Add(new(item.Service, item.Frontend.Address, $"range {item.Range} is there twice", IsTransient: false));
        }

        WriteTrie(wanted, ranges, staged, failures);
        return Commit(staged);
    }

    private SlotFailure? Stage(WantedRange wanted, out RangeEntry entry)
    {
        var (frontend, traits) = (wanted.Frontend, wanted.Frontend.Traits);
        Claim(wanted.Range);
        var exists = _entries.TryGetValue(new(wanted.Range), out var current);
        entry = new(exists ? current.Id : identifiers.NewFrontend(), frontend.Address.Protocol, current.Range, traits);
        var keeps = exists && slots.Holds(entry.Protocol, current.Range, traits, frontend.Backends.AsSpan());
        if (!keeps)
        {
            if (!slots.TryWrite(entry.Protocol, entry.Id, frontend.Type, traits, frontend.Backends.AsSpan(), current.Range, out var range, out var failure))
                return Drop(entry, failure);
            entry = entry with { Range = range };
        }

        var holdsSets = sets.Holds(entry.Id, frontend);
        if (keeps && holdsSets)
            return null;
        var missing = holdsSets ? null : sets.Stage(entry.Id, frontend);

        // Who dials a backend that is back is right to be there: said before the first one can.
        foreach (var backend in slots.BackendsOf(entry.Protocol, entry.Range).Union(sets.BackendsOf(entry.Id, isStaged: true)))
        {
            if (retired.Return(entry.Id, backend))
                _returned.Add(new(entry.Id, backend));
        }

        if (missing is null && sets.TryWrite(entry.Id) is not Errno.None and var errno)
        {
            sets.Discard(entry.Id);
            missing = new($"clients: {errno}", IsTransient: true);
        }

        if (missing is not { } reason)
            return null;
        if (!keeps)
            Release(entry, slots.Return);
        return Drop(entry, reason);

        SlotFailure Drop(RangeEntry dropped, SlotFailure failure)
        {
            if (!exists)
                identifiers.ReleaseFrontend(dropped.Id);
            return failure;
        }
    }

    /// <summary>What an earlier process left at the same place keeps its identifier.</summary>
    private void Claim(FrontendRange range)
    {
        var index = _unclaimed.FindIndex(item => item.Places.Contains((TRanges.Key(range), range.FirstPort, range.LastPort)));
        if (index < 0 || !_entries.TryAdd(new(range), _unclaimed[index].Entry))
            return;
        _unclaimed.RemoveAt(index);
    }

    private void WriteTrie(IReadOnlyCollection<WantedRange> wanted, List<FrontendRange> ranges, Dictionary<Identity, RangeEntry> staged, ICollection<ApplyFailure> failures)
    {
        var keys = new HashSet<TKey>();
        using (writing.Begin())
        {
            foreach (var row in RangeRow.Of(ranges))
            {
                var (range, ports) = row;
                var key = TRanges.Key(range);
                _ = keys.Add(key);
                if (!row.Fits)
                {
                    Fail(range, $"{ports.Length} different ranges of ports, with those around it; a prefix has at most {(int)RangeLimits.Ports}", isTransient: false);
                    continue;
                }

                var value = default(RangeValue);
                for (var i = 0; i < ports.Length; i++)
                {
                    var item = new ServedPorts { First = ports[i].First, Last = ports[i].Last };
                    value.Ports[i] = item with { Range = staged[new(ports[i].Range)].Range.ToValue(item.Tag).Range };
                }

                try
                {
                    _trie.Set(in key, in value);
                    _ = _prefixes.Add(key);
                }
                catch (BpfException e)
                {
                    Fail(range, e.Message, isTransient: true);
                }
            }

            foreach (var gone in _prefixes.Except(keys).ToArray())
            {
                _ = _trie.Remove(in gone);
                _ = _prefixes.Remove(gone);
            }
        }

        void Fail(FrontendRange range, string reason, bool isTransient)
        {
            var service = wanted.First(item => item.Range == range);
            failures.Add(new(service.Service, service.Frontend.Address, $"range {range}: {reason}", isTransient));
        }
    }

    private int Commit(Dictionary<Identity, RangeEntry> staged)
    {
        var changed = 0;
        foreach (var (identity, entry) in staged)
        {
            var hadSets = sets.IsStaged(entry.Id);
            var before = hadSets ? sets.BackendsOf(entry.Id, isStaged: false) : [];
            sets.Commit(entry.Id);
            var isNew = !_entries.TryGetValue(identity, out var old);
            _entries[identity] = entry;
            if (!isNew && old.Range != entry.Range)
                before.UnionWith(Release(old, slots.Retire));
            if (isNew || hadSets || old.Range != entry.Range)
                changed++;
            foreach (var backend in before)
                retired.Leave(entry.Id, backend);
        }

        foreach (var (identity, gone) in _entries.Where(item => !staged.ContainsKey(item.Key)).ToArray())
        {
            _ = _entries.Remove(identity);
            Remove(gone);
            changed++;
        }

        // Back for some clients, perhaps not for those that it had left.
        foreach (var backend in _returned.Where(backend => sets.Has(backend.FrontendId)))
            retired.Leave(backend.FrontendId, backend.Backend);
        _returned.Clear();
        foreach (var (gone, _) in _unclaimed)
            Remove(gone);
        _unclaimed.Clear();
        return changed;
    }

    /// <summary>The sets of a range that have a backend, see <see cref="IFrontendTable.SetsWith"/>.</summary>
    public ulong SetsWith(RetiredBackend backend)
    {
        foreach (var entry in _entries.Values)
        {
            if (entry.Id == backend.FrontendId)
                return (slots.BackendsOf(entry.Protocol, entry.Range).Contains(backend.Backend) ? 1UL : 0) | sets.SetsWith(entry.Id, backend.Backend);
        }

        return 0;
    }

    private void Remove(RangeEntry entry)
    {
        foreach (var backend in sets.BackendsOf(entry.Id, isStaged: false).Union(Release(entry, slots.Retire)))
            retired.Leave(entry.Id, backend);
        sets.Remove(entry.Id);
        identifiers.ReleaseFrontend(entry.Id);
    }

    private HashSet<L4Address> Release(RangeEntry entry, Action<SlotRange> giveBack)
    {
        var backends = slots.BackendsOf(entry.Protocol, entry.Range);
        foreach (var backend in backends)
            identifiers.ReleaseBackend(backend);
        giveBack(entry.Range);
        return backends;
    }

    private readonly record struct Identity(System.Net.IPNetwork Prefix, ushort FirstPort, ushort LastPort, L4Protocol Protocol)
    {
        public Identity(FrontendRange range)
            : this(range.Prefix, range.FirstPort, range.LastPort, range.Protocol)
        {
        }
    }

    private readonly record struct RangeEntry(uint Id, L4Protocol Protocol, SlotRange Range, FrontendTraits Traits);
}

/// <summary>A range that is to be served.</summary>
/// <param name="Service">Whose it is.</param>
/// <param name="Range">The addresses and ports.</param>
/// <param name="Frontend">What dials there see.</param>
internal sealed record WantedRange(ServiceName Service, FrontendRange Range, SocketFrontend Frontend);
