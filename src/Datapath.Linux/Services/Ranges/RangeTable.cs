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

    /// <summary>The elements of the trie.</summary>
    public int Prefixes => _prefixes.Count;

    /// <summary>The identifiers and protocols of what is there.</summary>
    public IEnumerable<KeyValuePair<uint, L4Protocol>> Ids => All.DistinctBy(static entry => entry.Id).Select(static entry => KeyValuePair.Create(entry.Id, entry.Protocol));

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

                var entry = new RangeEntry(slots.HeadOf(range).FrontendId, TRanges.ProtocolOf(in key), range, slots.TraitsOf(range));
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
        foreach (var item in Placed(wanted, failures))
        {
            if (Stage(item, out var entry) is { } failure)
            {
                failures.Add(item.Fail(failure.Reason, failure.IsTransient));
                if (!_entries.TryGetValue(new(item.Range), out entry))
                    continue; // what was there before stays in force
            }

            staged.Add(new(item.Range), entry);
            ranges.Add(item.Range);
        }

        WriteTrie(wanted, ranges, staged, failures);
        return Commit(staged);
    }

    /// <summary>Whether a range is served.</summary>
    public bool Has(FrontendRange range) => _entries.ContainsKey(new(range));

    /// <summary>The ranges for which there is a place.</summary>
    private List<WantedRange> Placed(IReadOnlyCollection<WantedRange> wanted, ICollection<ApplyFailure> failures)
    {
        var placed = new Dictionary<Identity, WantedRange>();
        foreach (var item in wanted)
        {
            if (!placed.TryAdd(new(item.Range), item))
                failures.Add(item.Fail("it is there twice", isTransient: false));
        }

        foreach (var (range, ports) in RangeRow.TakeOutUnfit([.. placed.Values.Select(static item => item.Range)], Has))
        {
            if (placed.Remove(new(range), out var item))
                failures.Add(item.Fail($"{ports} different ranges of ports, with those around it; a prefix has at most {(int)RangeLimits.Ports}", isTransient: false));
        }

        return [.. placed.Values];
    }

    private SlotFailure? Stage(WantedRange wanted, out RangeEntry entry)
    {
        var (frontend, traits, backends) = (wanted.Frontend, wanted.Frontend.Traits, BackendList.Of(wanted.Frontend.Backends));
        Claim(wanted.Range);
        var exists = _entries.TryGetValue(new(wanted.Range), out var current);
        entry = new(exists ? current.Id : identifiers.NewFrontend(), frontend.Address.Protocol, current.Range, traits);
        var keeps = exists && slots.Holds(entry.Protocol, current.Range, traits, in backends, settlesForLess: false);
        if (!keeps)
        {
            var wish = new SlotWish(entry.Protocol, entry.Id, frontend.Type, traits) { Old = current.Range, SettlesForLess = true };
            if (slots.Write(in wish, in backends, out var written) is { } failure)
                return Drop(entry, failure);
            entry = entry with { Range = written.Range };
        }

        var holdsSets = sets.Holds(entry.Id, frontend, settlesForLess: false);
        if (keeps && holdsSets)
            return null;
        var missing = holdsSets ? null : sets.Stage(entry.Id, frontend, settlesForLess: true);

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
            _ = slots.Return(entry.Protocol, entry.Range);
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
            foreach (var (range, ports) in RangeRow.Of(ranges))
            {
                var key = TRanges.Key(range);
                var value = default(RangeValue);
                for (var i = 0; i < ports.Length; i++)
                {
                    var item = new ServedPorts { First = ports[i].First, Last = ports[i].Last };
                    value.Ports[i] = item with { Range = staged[new(ports[i].Range)].Range.ToValue(item.Tag).Range };
                }

                try
                {
                    _trie.Set(in key, in value);
                    _ = keys.Add(key);
                }
                catch (BpfException e)
                {
                    var failed = wanted.FirstOrDefault(item => item.Range == range)
                        ?? wanted.First(item => item.Range.Protocol == range.Protocol && item.Range.Prefix.Contains(range.Prefix.BaseAddress));
                    failures.Add(failed.Fail(e.Message, isTransient: true));
                }
            }

            // Among them those that could not be written: their old slots are somebody else's soon.
            foreach (var gone in _prefixes.Except(keys).ToArray())
                _ = _trie.Remove(in gone);
            _prefixes.Clear();
            _prefixes.UnionWith(keys);
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
                before.UnionWith(slots.Retire(old.Protocol, old.Range));
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
        RemoveUnclaimed();
        return changed;
    }

    // One whose slots were being moved by a process that was killed may be there twice, with the same backends.
    private void RemoveUnclaimed()
    {
        var known = _entries.Values.Select(static entry => entry.Id).ToHashSet();
        foreach (var (gone, _) in _unclaimed)
        {
            if (known.Add(gone.Id))
                Remove(gone);
            else
                _ = slots.Retire(gone.Protocol, gone.Range);
        }

        _unclaimed.Clear();
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

    /// <summary>Of sockets that were led to backends, those that may not be right there, see <see cref="IFrontendTable.WhereNotRight"/>.</summary>
    public IEnumerable<RetiredBackend> WhereNotRight(IEnumerable<RetiredBackend> led)
    {
        var entries = _entries.Values.ToDictionary(static entry => entry.Id);
        foreach (var pair in led)
        {
            if (!entries.TryGetValue(pair.FrontendId, out var entry))
            {
                yield return pair;
                continue;
            }

            // A backend without a port got the port that was dialed.
            var own = slots.BackendsOf(entry.Protocol, entry.Range);
            var withoutPort = pair with { Backend = pair.Backend.WithPort(0, pair.Backend.Protocol) };
            var known = own.Union(sets.BackendsOf(entry.Id, isStaged: false)).Contains(withoutPort.Backend) ? withoutPort : pair;
            if (sets.Has(entry.Id) || !own.Contains(known.Backend))
                yield return known;
        }
    }

    private void Remove(RangeEntry entry)
    {
        foreach (var backend in sets.BackendsOf(entry.Id, isStaged: false).Union(slots.Retire(entry.Protocol, entry.Range)))
            retired.Leave(entry.Id, backend);
        sets.Remove(entry.Id);
        identifiers.ReleaseFrontend(entry.Id);
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
internal sealed record WantedRange(ServiceName Service, FrontendRange Range, SocketFrontend Frontend)
{
    /// <summary>Says why it is not served.</summary>
    public ApplyFailure Fail(string reason, bool isTransient) => new(Service, Frontend.Address, $"range {Range}: {reason}", isTransient);
}
