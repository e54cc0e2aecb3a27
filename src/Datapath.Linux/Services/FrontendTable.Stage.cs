using Datapath.BpfObjects.Layout;

namespace Datapath.Linux.Services;

internal sealed partial class FrontendTable<TKey, TSlot, TFamily>
{
    private const int BatchSize = 4096;

    private readonly List<Staged> _staged = [];
    private readonly List<Staged> _stagedWithSets = [];

    public ApplyFailure? Stage(ServiceName service, SocketFrontend frontend, bool settlesForLess)
    {
        if (FallsBack)
            frontend = frontend with { FallsBack = true };
        var key = TFamily.Key(frontend.Address);
        var (protocol, traits) = (frontend.Address.Protocol, frontend.Traits);
        var exists = _entries.TryGetValue(key, out var current);
        var backends = BackendList.After(current.Written, frontend.Backends);
        if (FrontendRules.Check(frontend, in backends) is { } reason)
            return new(service, frontend.Address, reason, IsTransient: false);
        var keepsId = exists && (current.Service is null || current.Service == service);
        var difference = keepsId ? BackendDifference.Between(WrittenFor(protocol, in current), in backends) : null;
        var keepsRange = difference is not null && current.Type == frontend.Type && current.Traits == traits && _slots.Holds(protocol, current.Range, in backends, difference, settlesForLess);
        if (keepsRange && _sets.Holds(current.Id, frontend, settlesForLess))
        {
            _entries[key] = current with { Service = service };
            return null;
        }

        var id = keepsId ? current.Id : _identifiers.NewFrontend();
        var staged = new Staged(service, frontend.Address, key, new(id, frontend.Type, current.Range, traits, service) { Written = current.Written }, difference, keepsRange);
        if (!keepsRange)
        {
            var wish = new SlotWish(protocol, id, frontend.Type, traits) { Old = current.Range, Difference = difference, SettlesForLess = settlesForLess };
            if (_slots.Write(in wish, in backends, out var written) is { } failure)
                return Fail(failure);
            staged = staged with { Entry = staged.Entry with { Range = written.Range, Written = written.Backends } };
        }

        if (_sets.Stage(staged.Entry.Id, frontend, settlesForLess) is { } missing)
        {
            if (!keepsRange)
                TakeBack(staged);
            return Fail(missing);
        }

        (_sets.IsStaged(staged.Entry.Id) ? _stagedWithSets : _staged).Add(staged);
        return null;

        ApplyFailure Fail(SlotFailure failure)
        {
            if (!keepsId)
                _identifiers.ReleaseFrontend(staged.Entry.Id);
            return new(service, frontend.Address, failure.Reason, failure.IsTransient);
        }
    }

    public int Flush(ICollection<ApplyFailure> failures)
    {
        var written = 0;
        foreach (var staged in _stagedWithSets)
            written += WriteWithSets(staged, failures) ? 1 : 0;
        _stagedWithSets.Clear();

        var keys = new TKey[_staged.Count];
        var values = new FrontendValue[_staged.Count];
        for (var i = 0; i < _staged.Count; i++)
            (keys[i], values[i]) = (_staged[i].Key, WordOf(_staged[i]));

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

    private WrittenBackends WrittenFor(L4Protocol protocol, in FrontendEntry entry) => entry.Written.IsKnown ? entry.Written : _slots.Read(protocol, entry.Range);

    private static FrontendValue WordOf(Staged staged) => staged.Entry.Range.ToValue(TFamily.Tag(staged.Key));

    /// <summary>A frontend that has different sets for its clients, or had: the sets and who has them, then the word that makes them count.</summary>
    private bool WriteWithSets(Staged staged, ICollection<ApplyFailure> failures)
    {
        var id = staged.Entry.Id;
        var before = staged.KeepsId ? AllBackendsOf(staged.Key, _entries[staged.Key]) : [];
        foreach (var backend in BackendsOf(staged.Key, staged.Entry).Union(_sets.BackendsOf(id, isStaged: true)))
        {
            if (_retired.Return(id, backend))
                _ = before.Add(backend); // perhaps not for the clients that it had left
        }

        var errno = _sets.TryWrite(id);
        if (errno is Errno.None)
        {
            using (_writing.Begin())
                errno = _frontends.TrySetAll([staged.Key], [WordOf(staged)], out _);
        }

        if (errno is Errno.None)
        {
            _sets.Commit(id);
            Commit(staged);
            NoteSets(staged.Key, id);
        }
        else
        {
            _sets.Discard(id);
            failures.Add(Discard(staged, errno));
        }

        // Whether somebody is there wrongly, the scan decides for each client.
        var own = _entries.TryGetValue(staged.Key, out var entry) && entry.Id == id ? BackendsOf(staged.Key, entry) : [];
        foreach (var backend in before)
        {
            if (!own.Contains(backend) || _sets.Has(id))
                _retired.Leave(id, backend, staged.Entry.Loser);
        }

        return errno is Errno.None;
    }

    private void Commit(Staged staged)
    {
        var exists = _entries.TryGetValue(staged.Key, out var old);
        _entries[staged.Key] = staged.Entry;
        var traits = staged.Entry.Traits;
        if (!exists || staged.KeepsRange)
            return;
        if (staged.Difference is { } difference)
        {
            if (old.Traits.StaleTcp != traits.StaleTcp)
                _retired.Change(old.Id, traits.StaleTcp);
            _slots.Retire(old.Range, difference.Left);
            foreach (var backend in difference.Left)
                _retired.Leave(old.Id, backend, staged.Entry.Loser);
            return;
        }

        Retire(staged.Key, old);
        RemoveSets(old);
        _identifiers.ReleaseFrontend(old.Id);
    }

    // A socket that dials a backend which is back is right to be there: said before the first one can.
    private void ReturnBackends(int position, int length)
    {
        if (_retired.IsEmpty)
            return;
        foreach (var staged in _staged.GetRange(position, length))
        {
            foreach (var backend in staged.Difference?.Came ?? [])
                _ = _retired.Return(staged.Entry.Id, backend);
        }
    }

    private ApplyFailure Discard(Staged staged, Errno errno)
    {
        if (!staged.KeepsRange)
        {
            TakeBack(staged);
            foreach (var backend in staged.Difference?.Came ?? [])
                _retired.Leave(staged.Entry.Id, backend, staged.Entry.Loser); // it was said to be back
        }

        if (!staged.KeepsId)
            _identifiers.ReleaseFrontend(staged.Entry.Id);
        return new(staged.Service, staged.Address, WriteRefusal.Of(_info, errno, "frontends", "maxFrontends"), IsTransient: true); // room may come when others go
    }

    private void TakeBack(Staged staged)
    {
        if (staged.Difference is { } difference)
            _slots.Return(staged.Entry.Range, difference.Came);
        else
            _ = _slots.Return(staged.Address.Protocol, staged.Entry.Range);
    }

    /// <summary>What a frontend is to be.</summary>
    /// <param name="Service">The service that it is to belong to.</param>
    /// <param name="Address">Its address.</param>
    /// <param name="Key">Its key in the kernel.</param>
    /// <param name="Entry">What is known of it from then on.</param>
    /// <param name="Difference">How its backends differ from those before; <see langword="null"/> if it is new, or another service's from now on.</param>
    /// <param name="KeepsRange">Whether its slots are right as they are.</param>
    private readonly record struct Staged(ServiceName Service, L4Address Address, TKey Key, FrontendEntry Entry, BackendDifference? Difference, bool KeepsRange)
    {
        /// <summary>Whether it stays the same frontend to those who dialed it.</summary>
        public bool KeepsId => Difference is not null;
    }
}
