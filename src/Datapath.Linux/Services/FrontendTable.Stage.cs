using Datapath.BpfObjects.Layout;

namespace Datapath.Linux.Services;

internal sealed partial class FrontendTable<TKey, TSlot, TFamily>
{
    private const int BatchSize = 4096;

    private readonly List<Staged> _staged = [];

    public ApplyFailure? Stage(ServiceName service, SocketFrontend frontend)
    {
        var key = TFamily.Key(frontend.Address);
        var (protocol, traits) = (frontend.Address.Protocol, TraitsOf(frontend));
        var backends = frontend.Backends.AsSpan();
        var exists = _entries.TryGetValue(key, out var current);
        var keepsId = exists && (current.Service is null || current.Service == service);
        if (keepsId && current.Type == frontend.Type && current.Traits == traits && _slots.Holds(protocol, current.Range, traits, backends))
        {
            _entries[key] = current with { Service = service };
            return null;
        }

        var id = keepsId ? current.Id : _identifiers.NewFrontend();
        if (!_slots.TryWrite(protocol, id, frontend.Type, traits, backends, current.Range, out var range, out var failure))
        {
            if (!keepsId)
                _identifiers.ReleaseFrontend(id);
            return new(service, frontend.Address, failure.Reason, failure.IsTransient);
        }

        _staged.Add(new(service, frontend.Address, key, new(id, frontend.Type, range, traits, service), keepsId));
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
            values[i] = staged.Entry.Range.ToValue(TFamily.Tag(staged.Key));
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

    private FrontendTraits TraitsOf(SocketFrontend frontend) =>
        FallsBack && frontend.Address.Protocol is L4Protocol.Tcp && frontend.Backends.Length > 1
            ? frontend.Traits with { Flags = frontend.Traits.Flags | HeaderFlags.FallsBack }
            : frontend.Traits;

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

        _slots.Return(staged.Entry.Range); // no program has seen it
        if (!staged.KeepsId)
            _identifiers.ReleaseFrontend(staged.Entry.Id);
        var reason = errno is Errno.E2BIG
            ? $"map '{_info.Name}' is full ({_info.MaxEntries} frontends): raise maxFrontends"
            : $"update map '{_info.Name}': {errno}";
        return new(staged.Service, staged.Address, reason, IsTransient: true); // room may come when others go
    }

    private readonly record struct Staged(ServiceName Service, L4Address Address, TKey Key, FrontendEntry Entry, bool KeepsId);
}
