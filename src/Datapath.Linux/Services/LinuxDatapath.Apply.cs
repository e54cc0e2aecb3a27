using System.Collections.Immutable;
using Datapath.BpfObjects;
using Datapath.Linux.Services;

namespace Datapath.Linux;

public sealed partial class LinuxDatapath
{
    /// <inheritdoc/>
    public ApplyResult Apply(ChangeSet changes)
    {
        ArgumentNullException.ThrowIfNull(changes);
        ThrowIfTwice(changes);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            var failures = ImmutableArray.CreateBuilder<ApplyFailure>();
            var changed = _pods.Apply(changes.Pods, changes.RemovedPods, changes.Upserted.SelectMany(static service => service.NamedPods()));
            var (written, removed) = Apply([.. changes.Upserted, .. AffectedBy(changed, changes)], changes.Removed, isWhole: false, failures);
            return Finish(written, removed, failures);
        }
    }

    /// <inheritdoc/>
    public ApplyResult Replace(DesiredState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            var failures = ImmutableArray.CreateBuilder<ApplyFailure>();
            _ = _pods.Apply([.. state.Pods.Values], [.. _pods.Pods.Select(static pod => pod.Name).Where(name => !state.Pods.ContainsKey(name))], []);
            ImmutableArray<ServiceName> gone = [.. _owners.Services.Union(_known.Services).Union(_ranges.Keys).Where(s => !state.Services.ContainsKey(s))];
            var (written, removed) = Apply([.. state.Services.Values], gone, isWhole: true, failures);
            var result = Finish(written, removed, failures);
            if (_hasPredecessor)
            {
                _hasPredecessor = false;
                _scanner.List(new(LeaveWhereNotRight, _scanner.Complain));
            }

            return result;
        }
    }

    // What an earlier process had not ended yet when it was killed, or left to backends on their way out, nobody remembers: the sockets themselves tell.
    private void LeaveWhereNotRight(IReadOnlyDictionary<RetiredBackend, int> led)
    {
        lock (_gate)
        {
            if (_isDisposed)
                return;
            var byFamily = led.Keys.ToLookup(static pair => pair.Backend.IsIPv4);
            var wrong = _ranges4.WhereNotRight(_ipv4.WhereNotRight(byFamily[true])).Concat(_ranges6.WhereNotRight(_ipv6.WhereNotRight(byFamily[false])));
            var losers = _ipv4.Losers.Concat(_ipv6.Losers).ToDictionary();
            foreach (var pair in wrong)
                _retired.Leave(pair.FrontendId, pair.Backend, losers.GetValueOrDefault(pair.FrontendId));
            _retired.Release();
        }
    }

    private static void ThrowIfTwice(ChangeSet changes)
    {
        if (changes.Upserted.Length + changes.Removed.Length < 2)
            return;
        var named = new HashSet<ServiceName>();
        foreach (var name in changes.Upserted.Select(static service => service.Name).Concat(changes.Removed))
        {
            if (!named.Add(name))
                throw new ArgumentException($"service {name} is in the change set twice: a step has one last word on each", nameof(changes));
        }
    }

    private ApplyResult Finish(int written, int removed, ImmutableArray<ApplyFailure>.Builder failures)
    {
        var podFailures = Exempt();
        _retired.Release();
        if (_retired.TakeDoubt())
            _scanner.List(new(LeaveWhereNotRight, _scanner.Complain));
        _reclaim.Start();
        return new(written, removed, failures.ToImmutable()) { PodFailures = podFailures };
    }

    /// <summary>The services that are redirected for some clients, if the clients have changed.</summary>
    private IEnumerable<DesiredService> AffectedBy(HashSet<PodName> pods, ChangeSet changes)
    {
        if (pods.Count == 0 || _servicesOfClients.Count == 0)
            return [];
        var named = changes.Upserted.Select(static service => service.Name).Concat(changes.Removed).ToHashSet();
        return _servicesOfClients.Values.Where(service => !named.Contains(service.Name) && service.NamesPods(pods));
    }

    private ImmutableArray<PodFailure> Exempt()
    {
        var failures = ImmutableArray.CreateBuilder<PodFailure>();
        var clients = new List<ClientId>();
        foreach (var pod in _pods.Pods.Where(static pod => pod.IsExempt))
        {
            var found = _pods.Locate(pod, out var reason);
            clients.AddRange(found);
            if (found.IsEmpty && (pod.IsHostNetwork || !pod.Addresses.IsEmpty))
                failures.Add(new(pod.Name, $"its dials are not left alone: {reason}"));
        }

        if (_exemptions.Set(clients) is not Errno.None and var errno)
            failures.AddRange(_pods.Pods.Where(static pod => pod.IsExempt).Select(pod => new PodFailure(pod.Name, $"its dials may not be left alone: update map '{SocketLbObject.Exemptions}': {errno}")));
        _missingExemptPods = failures.DistinctBy(static failure => failure.Pod).Count();
        return failures.ToImmutable();
    }

    private (int Written, int Removed) Apply(
        ImmutableArray<DesiredService> upserted, ImmutableArray<ServiceName> gone, bool isWhole, ImmutableArray<ApplyFailure>.Builder failures)
    {
        // An address may pass from one service to another in one change, whichever of the two comes first in it.
        var written = 0;
        var unserved = new List<ApplyFailure>();
        var wanted = upserted.Select(service => (service.Name, Frontends: SocketView.Of(service, _pods, unserved))).ToArray();
        var givenUp = GivenUp(wanted, gone);
        foreach (var (name, frontends) in wanted)
            _owners.Set(name, Stage(name, frontends, givenUp, ref written, failures));
        foreach (var service in gone)
            _owners.Set(service, []);
        foreach (var service in upserted)
        {
            _known.Set(service.Name, service.Frontends);
            if (service.HasClients())
                _servicesOfClients[service.Name] = service;
            else
                _ = _servicesOfClients.Remove(service.Name);
        }

        foreach (var service in gone)
        {
            _known.Set(service, []);
            _ = _servicesOfClients.Remove(service);
        }

        written += _ipv4.Flush(failures) + _ipv6.Flush(failures);

        // Last, so that what passed to another service was replaced, rather than removed and added again.
        var removed = RemoveUnowned(givenUp);
        if (isWhole) // what nobody claims was left by an earlier process
            removed += RemoveUnowned([.. _ipv4.Addresses, .. _ipv6.Addresses]);
        if (removed > 0)
            written += StageAgain(wanted, failures);
        failures.AddRange(unserved);
        written += SetRanges(upserted, gone, isWhole, failures);
        NotePolicies(upserted, gone, failures);
        return (written, removed);
    }

    private void NotePolicies(ImmutableArray<DesiredService> upserted, ImmutableArray<ServiceName> gone, IEnumerable<ApplyFailure> failures)
    {
        foreach (var service in gone)
            _ = _policies.Remove(service);
        var failed = failures.Where(static failure => failure.Policy is not null).Select(static failure => (failure.Service, failure.Policy!.Value)).ToHashSet();
        foreach (var service in upserted)
        {
            if (service.Policies() is { IsEmpty: false } policies)
                _policies[service.Name] = [.. policies.Select(policy => (policy, !failed.Contains((service.Name, policy))))];
            else
                _ = _policies.Remove(service.Name);
        }
    }

    /// <summary>Gives those another try for which there was no room, now that others have left.</summary>
    private int StageAgain((ServiceName Name, IReadOnlyList<SocketFrontend> Frontends)[] wanted, ImmutableArray<ApplyFailure>.Builder failures)
    {
        var waiting = failures.Where(static f => f.IsTransient).Select(static f => (f.Service, f.Frontend)).ToHashSet();
        if (waiting.Count == 0)
            return 0;
        failures.RemoveAll(static f => f.IsTransient);
        var written = 0;
        foreach (var (name, frontends) in wanted)
        {
            foreach (var frontend in frontends.Where(f => waiting.Contains((name, f.Address))))
            {
                if (StageOrReclaim(name, frontend, ref written, failures) is { } failure)
                    failures.Add(failure);
            }
        }

        return written + _ipv4.Flush(failures) + _ipv6.Flush(failures);
    }

    /// <summary>Addresses that their services hold now and will not hold after the change.</summary>
    private HashSet<L4Address> GivenUp((ServiceName Name, IReadOnlyList<SocketFrontend> Frontends)[] wanted, ImmutableArray<ServiceName> gone)
    {
        var givenUp = new HashSet<L4Address>();
        foreach (var service in gone)
            givenUp.UnionWith(_owners.AddressesOf(service));
        foreach (var (name, frontends) in wanted)
        {
            foreach (var address in _owners.AddressesOf(name))
            {
                if (!frontends.Any(f => f.Address == address))
                    _ = givenUp.Add(address);
            }
        }

        return givenUp;
    }

    /// <summary>Prepares a service's frontends and says which addresses are its own from now on, programmed or not.</summary>
    private ImmutableArray<L4Address> Stage(
        ServiceName service,
        IReadOnlyList<SocketFrontend> frontends,
        HashSet<L4Address> givenUp,
        ref int written,
        ImmutableArray<ApplyFailure>.Builder failures)
    {
        var claimed = ImmutableArray.CreateBuilder<L4Address>(frontends.Count);
        foreach (var frontend in frontends)
        {
            var address = frontend.Address;
            if (_owners.TryGetOwner(address, out var owner) && owner != service && !givenUp.Contains(address))
            {
                failures.Add(new(service, address, $"the address belongs to service {owner}", IsTransient: false));
            }
            else if (claimed.Contains(address))
            {
                failures.Add(new(service, address, "the service lists the address twice", IsTransient: false));
            }
            else
            {
                claimed.Add(address);
                _ = givenUp.Remove(address); // the first who takes it has it
                if (StageOrReclaim(service, frontend, ref written, failures) is { } failure)
                    failures.Add(failure);
            }
        }

        return claimed.ToImmutable();
    }

    private ApplyFailure? StageOrReclaim(ServiceName service, SocketFrontend frontend, ref int written, ImmutableArray<ApplyFailure>.Builder failures)
    {
        var table = TableOf(frontend.Address);
        var failure = table.Stage(service, frontend, settlesForLess: false);
        if (failure is not { IsTransient: true })
            return failure;

        // Slots are short: what is staged goes into force now, and what it replaces makes room.
        written += table.Flush(failures);
        if (table.Allocator.Retired > 0)
            _reclaim.RunNow();
        return table.Stage(service, frontend, settlesForLess: true);
    }

    private int RemoveUnowned(IEnumerable<L4Address> addresses)
    {
        var removed = 0;
        foreach (var address in addresses)
        {
            if (!_owners.TryGetOwner(address, out _) && TableOf(address).Remove(address))
                removed++;
        }

        return removed;
    }

    private IFrontendTable TableOf(L4Address address) => address.IsIPv4 ? _ipv4 : _ipv6;
}
