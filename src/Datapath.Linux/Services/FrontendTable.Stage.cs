using Datapath.BpfObjects.Layout;

namespace Datapath.Linux.Services;

internal sealed partial class FrontendTable<TKey, TSlot, TFamily>
{
    private const int BatchSize = 4096;

    private readonly List<Staged> _staged = [];

    public ApplyFailure? Stage(ServiceName service, Frontend frontend)
    {
        var key = TFamily.Key(frontend.Address);
        var usable = frontend.Usable;
        var exists = _entries.TryGetValue(key, out var current);
        var keepsId = exists && (current.Service is null || current.Service == service);
        if (keepsId && current.Type == frontend.Type && IsUnchanged(frontend.Address.Protocol, current, usable))
        {
            _entries[key] = current with { Service = service };
            return null;
        }

        var protocol = frontend.Address.Protocol;
        var count = usable.IsEmpty ? 0 : UsableBackends.CountSlots(protocol, usable, exists ? current.Count : 0);
        if (count > FrontendValue.MaxCount)
            return new(service, frontend.Address, $"{usable.Length} backends need {count} slots, a frontend has at most {FrontendValue.MaxCount}", IsTransient: false);
        if (!Allocator.TryTake(Math.Max(count, 1), out var first))
        {
            var reason = $"map '{_slotsInfo.Name}' has no {Math.Max(count, 1)} free slots in a row ({Allocator.Free} of {Allocator.Capacity} are free): raise maxSlots";
            return new(service, frontend.Address, reason, IsTransient: true); // room may come when others go
        }

        var entry = new FrontendEntry(keepsId ? current.Id : _identifiers.NewFrontend(), frontend.Type, first, count, service);
        Write(protocol, entry, exists ? current : default, usable);
        _staged.Add(new(service, frontend.Address, key, entry, keepsId));
        return null;
    }

    public int Flush(ICollection<ApplyFailure> failures)
    {
        var keys = new TKey[_staged.Count];
        var values = new FrontendValue[_staged.Count];
        for (var i = 0; i < _staged.Count; i++)
        {
            var staged = _staged[i];
            keys[i] = staged.Key;
            values[i] = new(staged.Entry.First, staged.Entry.Count, TFamily.Tag(staged.Key));
        }

        var written = 0;
        for (var position = 0; position < keys.Length;)
        {
            var length = Math.Min(BatchSize, keys.Length - position);
            ReturnBackends(position, length);
            Errno errno;
            int done;
            using (_writing.Begin())
                errno = _frontends.TrySetAll(keys.AsSpan(position, length), values.AsSpan(position, length), out done);
            for (var i = 0; i < done; i++)
                Commit(_staged[position + i]);
            written += done;
            position += done;
            if (errno is Errno.None)
                continue;
            failures.Add(Discard(_staged[position], errno));
            position++;
        }

        _staged.Clear();
        return written;
    }

    private void Commit(Staged staged)
    {
        var exists = _entries.TryGetValue(staged.Key, out var old);
        _entries[staged.Key] = staged.Entry;
        if (!exists)
            return;
        Retire(old, BackendsOf(staged.Key, old), staged.KeepsId ? BackendsOf(staged.Key, staged.Entry) : []);
        if (!staged.KeepsId)
            _identifiers.ReleaseFrontend(old.Id);
    }

    // A socket that dials a backend which is back is right to be there: said before the first one can.
    private void ReturnBackends(int position, int length)
    {
        if (_retired.IsEmpty)
            return;
        foreach (var staged in _staged.GetRange(position, length))
        {
            foreach (var backend in staged.KeepsId ? BackendsOf(staged.Key, staged.Entry) : [])
                _retired.Return(staged.Entry.Id, backend);
        }
    }

    private ApplyFailure Discard(Staged staged, Errno errno)
    {
        var current = staged.KeepsId && _entries.TryGetValue(staged.Key, out var entry) ? BackendsOf(staged.Key, entry) : [];
        foreach (var backend in BackendsOf(staged.Key, staged.Entry))
        {
            _identifiers.ReleaseBackend(backend);
            if (staged.KeepsId && !current.Contains(backend))
                _retired.Leave(staged.Entry.Id, backend); // it was said to be back
        }

        Allocator.Return(staged.Entry.First, staged.Entry.Slots); // no program has seen it
        if (!staged.KeepsId)
            _identifiers.ReleaseFrontend(staged.Entry.Id);
        var reason = errno is Errno.E2BIG
            ? $"map '{_frontendsInfo.Name}' is full ({_frontendsInfo.MaxEntries} frontends): raise maxFrontends"
            : $"update map '{_frontendsInfo.Name}': {errno}";
        return new(staged.Service, staged.Address, reason, IsTransient: true); // room may come when others go
    }

    private bool IsUnchanged(L4Protocol protocol, FrontendEntry current, ReadOnlySpan<Backend> usable)
    {
        if (usable.IsEmpty || current.Count == 0)
            return usable.IsEmpty && current.Count == 0;
        if (UsableBackends.CountSlots(protocol, usable, current.Count) != current.Count)
            return false;
        using var slots = _slots.Slice(current.First, current.Count);
        if (slots.Length == usable.Length && protocol is L4Protocol.Tcp)
        {
            for (var i = 0; i < slots.Length; i++)
            {
                if (TFamily.Read(in slots[i], protocol).Backend != usable[i].Address)
                    return false;
            }

            return true;
        }

        var indices = UsableBackends.IndicesOf(usable);
        var held = new int[usable.Length];
        foreach (ref readonly var slot in slots)
        {
            if (!indices.TryGetValue(TFamily.Read(in slot, protocol).Backend, out var index))
                return false;
            held[index]++;
        }

        return held.AsSpan().SequenceEqual(SlotDealer.Quotas(held, UsableBackends.WeightsOf(usable), slots.Length));
    }

    private void Write(L4Protocol protocol, FrontendEntry entry, FrontendEntry old, ReadOnlySpan<Backend> usable)
    {
        using var target = _slots.Slice(entry.First, entry.Slots);
        if (usable.IsEmpty)
        {
            target[0] = TFamily.Slot(new(default, 0, entry.Id, entry.Type));
            return;
        }

        if (protocol is L4Protocol.Tcp && target.Length == usable.Length)
        {
            for (var i = 0; i < usable.Length; i++)
                target[i] = Slot(usable[i].Address, entry);
            return;
        }

        var indices = UsableBackends.IndicesOf(usable);
        var ready = new TSlot[usable.Length];
        for (var i = 0; i < usable.Length; i++)
            ready[i] = Slot(usable[i].Address, entry);

        var owners = new int[target.Length];
        using var before = _slots.Slice(old.First, old.Count);
        for (var i = 0; i < owners.Length; i++)
        {
            // The same place in a range of another length: a socket's place is a fraction of the range.
            owners[i] = before.Length > 0 && indices.TryGetValue(TFamily.Read(in before[(int)((long)i * before.Length / owners.Length)], protocol).Backend, out var owner)
                ? owner
                : -1;
        }

        SlotDealer.Deal(owners, UsableBackends.WeightsOf(usable));
        for (var i = 0; i < owners.Length; i++)
            target[i] = ready[owners[i]];
    }

    private TSlot Slot(L4Address backend, FrontendEntry entry) =>
        TFamily.Slot(new(backend, _identifiers.UseBackend(backend), entry.Id, entry.Type));

    private readonly record struct Staged(ServiceName Service, L4Address Address, TKey Key, FrontendEntry Entry, bool KeepsId);
}
