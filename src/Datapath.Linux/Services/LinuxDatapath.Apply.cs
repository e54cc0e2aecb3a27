using System.Collections.Immutable;
using Datapath.Linux.Services;

namespace Datapath.Linux;

public sealed partial class LinuxDatapath
{
    /// <summary>A grace period is worth its wait when this part of the slots waits for one.</summary>
    private const int ReclaimPart = 8;

    /// <inheritdoc/>
    public ApplyResult Apply(ChangeSet changes)
    {
        ArgumentNullException.ThrowIfNull(changes);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            var failures = ImmutableArray.CreateBuilder<ApplyFailure>();
            var (written, removed) = Apply(changes.Upserted, changes.Removed, removesOthers: false, failures);
            _retired.Release();
            ReclaimSlots(_ipv4.Allocator);
            ReclaimSlots(_ipv6.Allocator);
            return new(written, removed, failures.ToImmutable());
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
            ImmutableArray<ServiceName> gone = [.. _owners.Services.Union(_known.Services).Where(s => !state.Services.ContainsKey(s))];
            var (written, removed) = Apply([.. state.Services.Values], gone, removesOthers: true, failures);
            _retired.Release();
            ReclaimSlots(_ipv4.Allocator);
            ReclaimSlots(_ipv6.Allocator);
            return new(written, removed, failures.ToImmutable());
        }
    }

    private (int Written, int Removed) Apply(
        ImmutableArray<DesiredService> upserted, ImmutableArray<ServiceName> gone, bool removesOthers, ImmutableArray<ApplyFailure>.Builder failures)
    {
        // An address may pass from one service to another in one change, whichever of the two comes first in it.
        var written = 0;
        var wanted = upserted.Select(service => (service.Name, Frontends: SocketView.Of(service, failures))).ToArray();
        var givenUp = GivenUp(wanted, gone);
        foreach (var (name, frontends) in wanted)
            _owners.Set(name, Stage(name, frontends, givenUp, ref written, failures));
        foreach (var service in gone)
            _owners.Set(service, []);
        foreach (var service in upserted)
            _known.Set(service.Name, service.Frontends);
        foreach (var service in gone)
            _known.Set(service, []);

        written += _ipv4.Flush(failures) + _ipv6.Flush(failures);

        // Last, so that what passed to another service was replaced, rather than removed and added again.
        var removed = RemoveUnowned(givenUp);
        if (removesOthers) // what nobody claims was left by an earlier process
            removed += RemoveUnowned([.. _ipv4.Addresses, .. _ipv6.Addresses]);
        if (removed > 0)
            written += StageAgain(wanted, failures);
        return (written, removed);
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
            string? reason;
            if (_owners.TryGetOwner(address, out var owner) && owner != service && !givenUp.Contains(address))
            {
                reason = $"the address belongs to service {owner}";
            }
            else if (claimed.Contains(address))
            {
                reason = "the service lists the address twice";
            }
            else
            {
                claimed.Add(address);
                _ = givenUp.Remove(address); // the first who takes it has it
                reason = FrontendRules.Check(frontend);
                if (reason is null && StageOrReclaim(service, frontend, ref written, failures) is { } failure)
                    failures.Add(failure);
            }

            if (reason is not null)
                failures.Add(new(service, address, reason, IsTransient: false));
        }

        return claimed.ToImmutable();
    }

    private ApplyFailure? StageOrReclaim(ServiceName service, SocketFrontend frontend, ref int written, ImmutableArray<ApplyFailure>.Builder failures)
    {
        var table = TableOf(frontend.Address);
        var failure = table.Stage(service, frontend);
        if (failure is not { IsTransient: true })
            return failure;

        // Slots are short: what is staged goes into force now, and what it replaces makes room.
        written += table.Flush(failures);
        if (table.Allocator.Retired == 0)
            return failure;
        _gracePeriod.Wait();
        table.Allocator.FreeRetired();
        return table.Stage(service, frontend);
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

    // After the change is in force, so that nobody waits for it but the caller's next change.
    private void ReclaimSlots(SlotAllocator allocator)
    {
        if (allocator.Retired < allocator.Capacity / ReclaimPart)
            return;
        _gracePeriod.Wait();
        allocator.FreeRetired();
    }

    private IFrontendTable TableOf(L4Address address) => address.IsIPv4 ? _ipv4 : _ipv6;
}
