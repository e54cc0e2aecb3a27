using System.Diagnostics.CodeAnalysis;
using Datapath.BpfObjects;
using Datapath.BpfObjects.Layout;
using Datapath.Linux.Bpf;

namespace Datapath.Linux.Services;

/// <summary>
/// The further sets of the frontends of one family, and who has them. A set and its clients are in the kernel before the frontend's word says that there
/// are any, and go after it no longer does.
/// </summary>
internal sealed class SetTable<[DynamicallyAccessedMembers(PaddingFinder.Fields)] TSlot, TFamily>(
    SlotTable<TSlot, TFamily> slots, ClientMaps maps)
    where TSlot : unmanaged
    where TFamily : IFamily<TSlot>
{
    /// <summary>The highest number of a set.</summary>
    private const int MaxNumber = (1 << (int)ClientLimits.SetBits) - 1;

    private readonly Dictionary<uint, FrontendSets> _frontends = [];
    private readonly Dictionary<uint, FrontendSets> _staged = [];

    /// <summary>The slots in use.</summary>
    public IEnumerable<SlotRange> Ranges => _frontends.Values.SelectMany(static sets => sets.Sets.Values.Select(static set => set.Range));

    /// <summary>Takes over what an earlier process left.</summary>
    /// <param name="frontends">The frontends of this family.</param>
    /// <param name="left">The sets of both families.</param>
    /// <exception cref="IncompatibleStateException">It contradicts itself.</exception>
    public void Adopt(IReadOnlyDictionary<uint, L4Protocol> frontends, KernelSets left)
    {
        foreach (var (key, value) in left.Sets)
        {
            if (!frontends.TryGetValue(key.FrontendId, out var protocol))
                continue;
            var range = new SlotRange(value);
            if (!slots.IsInside(range) || !range.HasHeader)
                throw new IncompatibleStateException($"map '{SocketLbObject.Sets}': set {key.Set} of frontend {key.FrontendId} refers to slots that it cannot have; uninstall, then start again");
            Of(key.FrontendId).Sets.Add((int)key.Set, new(null, range, protocol, IsAdopted: true));
            slots.AdoptBackends(protocol, range);
        }

        foreach (var (key, value) in left.Clients)
        {
            if (_frontends.TryGetValue(key.FrontendId, out var sets))
                sets.Clients[new(key.Client)] = KernelSets.NumberOf(value);
        }

        FrontendSets Of(uint id)
        {
            if (!_frontends.TryGetValue(id, out var sets))
                _frontends.Add(id, sets = new());
            return sets;
        }
    }

    /// <summary>Whether a frontend has just these sets and clients.</summary>
    public bool Holds(uint id, SocketFrontend frontend, bool settlesForLess)
    {
        if (!_frontends.TryGetValue(id, out var current))
            return frontend.FurtherSets.IsEmpty;
        if (current.Sets.Count != frontend.FurtherSets.Length || current.Clients.Count != frontend.FurtherSets.Sum(static set => set.Clients.Length))
            return false;
        var taken = new HashSet<int>();
        foreach (var wanted in frontend.FurtherSets)
        {
            if (Find(current, frontend, wanted, taken, settlesForLess) is not { } number || !IsHeld(current.Sets[number], frontend, wanted, settlesForLess) || !AreIn(current, wanted, number))
                return false;
            _ = taken.Add(number);
        }

        return true;
    }

    /// <summary>Writes the slots of sets. Programs do not see them before <see cref="TryWrite"/>.</summary>
    public SlotFailure? Stage(uint id, SocketFrontend frontend, bool settlesForLess)
    {
        if (frontend.FurtherSets.IsEmpty && !_frontends.ContainsKey(id))
            return null;
        var current = _frontends.GetValueOrDefault(id) ?? new();
        var staged = new FrontendSets();
        var taken = new HashSet<int>();
        foreach (var wanted in frontend.FurtherSets)
        {
            var number = Find(current, frontend, wanted, taken, settlesForLess) ?? Enumerable.Range(1, MaxNumber).FirstOrDefault(n => !current.Sets.ContainsKey(n) && !staged.Sets.ContainsKey(n));
            if (number == 0)
            {
                Drop(staged, current);
                return new($"more than {MaxNumber} sets of backends for different clients", IsTransient: false);
            }

            var old = current.Sets.GetValueOrDefault(number);
            var range = old.Range;
            if (old == default || !IsHeld(old, frontend, wanted, settlesForLess))
            {
                var wish = new SlotWish(frontend.Address.Protocol, id, frontend.Type, frontend.TraitsOf(wanted)) { Old = old.Range, SettlesForLess = settlesForLess };
                if (slots.Write(in wish, BackendList.Of(wanted.Backends), out var written) is { } failure)
                {
                    Drop(staged, current);
                    return failure;
                }

                range = written.Range;
            }

            _ = taken.Add(number);
            staged.Sets.Add(number, new(wanted.Policy, range, frontend.Address.Protocol, IsAdopted: false));
            foreach (var client in wanted.Clients)
                staged.Clients[client] = number;
        }

        _staged[id] = staged;
        return null;
    }

    /// <summary>Brings the staged sets and clients of a frontend into the kernel, new ones and those that change.</summary>
    public Errno TryWrite(uint id)
    {
        if (!_staged.TryGetValue(id, out var staged))
            return Errno.None;
        var current = _frontends.GetValueOrDefault(id) ?? new();
        SetKey[] sets = [.. staged.Sets.Where(set => current.Sets.GetValueOrDefault(set.Key).Range != set.Value.Range).Select(set => new SetKey { FrontendId = id, Set = (uint)set.Key })];
        var errno = maps.TrySetSets(sets, [.. sets.Select(key => staged.Sets[(int)key.Set].Range.ToValue(key.Tag))]);
        return errno is Errno.None
            ? maps.TrySetClients(id, [.. staged.Clients.Where(client => !current.Clients.TryGetValue(client.Key, out var its) || its != client.Value)])
            : errno;
    }

    /// <summary>The frontend's word is in the kernel: what it does not need any more goes.</summary>
    public void Commit(uint id)
    {
        if (!_staged.Remove(id, out var staged))
            return;
        if (_frontends.Remove(id, out var current))
        {
            maps.RemoveClients(id, [.. current.Clients.Keys.Where(client => !staged.Clients.ContainsKey(client))]);
            maps.RemoveSets([.. current.Sets.Keys.Where(number => !staged.Sets.ContainsKey(number)).Select(number => new SetKey { FrontendId = id, Set = (uint)number })]);
            foreach (var (number, set) in current.Sets)
            {
                if (staged.Sets.GetValueOrDefault(number).Range != set.Range)
                    _ = slots.Retire(set.Protocol, set.Range);
            }
        }

        if (staged.Sets.Count > 0)
            _frontends.Add(id, staged);
    }

    /// <summary>The frontend's word could not be written: what was there before stays in force.</summary>
    public void Discard(uint id)
    {
        if (!_staged.Remove(id, out var staged))
            return;
        var current = _frontends.GetValueOrDefault(id) ?? new();
        SetKey[] back = [.. current.Sets.Keys.Select(number => new SetKey { FrontendId = id, Set = (uint)number })];
        _ = maps.TrySetSets(back, [.. back.Select(key => current.Sets[(int)key.Set].Range.ToValue(key.Tag))]); // they are there: none needs room
        _ = maps.TrySetClients(id, [.. current.Clients]);
        maps.RemoveClients(id, [.. staged.Clients.Keys.Where(client => !current.Clients.ContainsKey(client))]);
        maps.RemoveSets([.. staged.Sets.Keys.Where(number => !current.Sets.ContainsKey(number)).Select(number => new SetKey { FrontendId = id, Set = (uint)number })]);
        foreach (var (number, set) in staged.Sets)
        {
            if (current.Sets.GetValueOrDefault(number).Range != set.Range)
                _ = slots.Retire(set.Protocol, set.Range); // programs may have seen it
        }
    }

    /// <summary>The frontend is gone.</summary>
    public void Remove(uint id)
    {
        if (!_frontends.ContainsKey(id))
            return;
        _staged[id] = new();
        Commit(id);
    }

    /// <summary>The backends of all further sets of a frontend, of those staged if there are any.</summary>
    public HashSet<L4Address> BackendsOf(uint id, bool isStaged)
    {
        var backends = new HashSet<L4Address>();
        foreach (var set in SetsOf(id, isStaged).Values)
            backends.UnionWith(slots.BackendsOf(set.Protocol, set.Range));
        return backends;
    }

    /// <summary>The further sets of a frontend that have a backend, a bit for each.</summary>
    public ulong SetsWith(uint id, L4Address backend)
    {
        var mask = 0UL;
        foreach (var (number, set) in SetsOf(id, isStaged: false))
        {
            if (slots.BackendsOf(set.Protocol, set.Range).Contains(backend))
                mask |= 1UL << number;
        }

        return mask;
    }

    /// <summary>Whether something is staged for a frontend.</summary>
    public bool IsStaged(uint id) => _staged.ContainsKey(id);

    /// <summary>Whether a frontend has further sets.</summary>
    public bool Has(uint id) => _frontends.ContainsKey(id);

    private Dictionary<int, SetEntry> SetsOf(uint id, bool isStaged) =>
        isStaged && _staged.TryGetValue(id, out var staged) ? staged.Sets : _frontends.TryGetValue(id, out var current) ? current.Sets : [];

    // A set keeps its number, so that its clients need not be written again. Of what an earlier process left it is told by its content and, of several that
    // are alike, by its clients.
    private int? Find(FrontendSets current, SocketFrontend frontend, ClientSet wanted, HashSet<int> taken, bool settlesForLess)
    {
        int? alike = null;
        foreach (var (number, set) in current.Sets)
        {
            if (taken.Contains(number))
                continue;
            if (!set.IsAdopted)
            {
                if (set.Policy == wanted.Policy)
                    return number;
                continue;
            }

            if (!IsHeld(set, frontend, wanted, settlesForLess))
                continue;
            if (AreIn(current, wanted, number))
                return number;
            alike ??= number;
        }

        return alike;
    }

    private static bool AreIn(FrontendSets current, ClientSet wanted, int number) =>
        wanted.Clients.All(client => current.Clients.TryGetValue(client, out var its) && its == number);

    private bool IsHeld(SetEntry set, SocketFrontend frontend, ClientSet wanted, bool settlesForLess) =>
        slots.Holds(frontend.Address.Protocol, set.Range, frontend.TraitsOf(wanted), BackendList.Of(wanted.Backends), settlesForLess);

    private void Drop(FrontendSets staged, FrontendSets current)
    {
        foreach (var (number, set) in staged.Sets)
        {
            if (current.Sets.GetValueOrDefault(number).Range != set.Range)
                _ = slots.Return(set.Protocol, set.Range); // no program has seen it
        }
    }

    private sealed class FrontendSets
    {
        public Dictionary<int, SetEntry> Sets { get; } = [];

        public Dictionary<ClientId, int> Clients { get; } = [];
    }

    /// <summary>A further set.</summary>
    /// <param name="Policy">Where it comes from; <see langword="null"/>: the frontend's own backends.</param>
    /// <param name="Range">Its slots.</param>
    /// <param name="Protocol">The frontend's protocol.</param>
    /// <param name="IsAdopted">Whether an earlier process left it, so that nobody knows where it comes from.</param>
    private readonly record struct SetEntry(ServiceName? Policy, SlotRange Range, L4Protocol Protocol, bool IsAdopted);
}
