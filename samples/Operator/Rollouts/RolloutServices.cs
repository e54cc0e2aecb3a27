using Datapath.Hosting;
using Datapath.Policy;

namespace Datapath.Operator.Rollouts;

/// <summary>Serves rollouts, and drains what leaves.</summary>
/// <param name="client">The datapath.</param>
/// <param name="onAddresses">Called when an address may be free that others were refused for, or taken.</param>
/// <param name="onDrained">Called when a backend of a rollout is drained no longer.</param>
/// <param name="tell">Told what happens.</param>
/// <param name="stop">Ends it.</param>
internal sealed class RolloutServices(DatapathClient client, Action onAddresses, Action<ServiceName> onDrained, Action<string> tell, CancellationToken stop)
{
    private readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends if a drain fails for a reason that nobody expects.</summary>
    public Task Failure => _failed.Task;

    /// <summary>The service of one that was there before: what was on its way out goes on being so, and a deleted one gets no new connections.</summary>
    public static ServiceBuilder? InitialService(KubernetesItem<Rollout> item)
    {
        if (RolloutPlan.InForce(item) is not { } spec)
            return null;
        var wanted = RolloutPlan.Backends(spec);
        var leaving = (item.Object!.Status?.Draining ?? []).Except(wanted.Select(static backend => backend.Address))
            .Select(static address => new ServiceBackend(address) { State = BackendState.Terminating });
        return RolloutPlan.Service(item.Metadata, spec, wanted.Concat(leaving).Select(backend => item.Metadata.IsDeleting ? WithoutNewConnections(backend) : backend));
    }

    // On its way out alone a backend gets new connections while the service has no others.
    private static ServiceBackend WithoutNewConnections(ServiceBackend backend) => backend with { Weight = 0, State = BackendState.Terminating };

    /// <summary>Brings what is wanted into force.</summary>
    /// <returns>Why it is refused, and then what was in force before is in force still; <see langword="null"/>: it is in force.</returns>
    public async Task<string?> ApplyAsync(ServiceName name, RolloutEntry entry, KubernetesMetadata metadata, RolloutSpec spec)
    {
        try
        {
            _ = await UpsertAsync(name, metadata, spec);
            var before = entry.Applied;
            entry.Applied = spec;
            if (before is null || before.Port != spec.Port || !before.Addresses.SequenceEqual(spec.Addresses))
                onAddresses(); // an address that others were refused for may be free now, or taken
            return null;
        }
        catch (NotInForceException refusal)
        {
            if (entry.Applied is not { } good || !await IsInForceAsync(name, metadata, good))
                await RemoveAsync(name, entry);
            return refusal.Entries[0].ToString();
        }
    }

    private async Task<bool> IsInForceAsync(ServiceName name, KubernetesMetadata metadata, RolloutSpec spec)
    {
        try
        {
            _ = await UpsertAsync(name, metadata, spec);
            return true;
        }
        catch (NotInForceException)
        {
            return false; // an older rollout has the address by now; the caller tells the reason that it has
        }
    }

    /// <summary>What is wanted, and what is there but not wanted, which gets no new connections.</summary>
    private Task<AppliedRevision> UpsertAsync(ServiceName name, KubernetesMetadata metadata, RolloutSpec spec)
    {
        var wanted = RolloutPlan.Backends(spec);
        var addresses = wanted.Select(static backend => backend.Address).ToHashSet();
        var leaving = BackendsOf(name).Where(backend => !addresses.Contains(backend.Address)).Select(static backend => backend with { State = BackendState.Terminating });
        return client.UpsertServiceAsync(RolloutPlan.Service(metadata, spec, [.. wanted, .. leaving]), stop);
    }

    private IReadOnlyList<ServiceBackend> BackendsOf(ServiceName name) => client.TryGetBackends(name, out var backends) ? backends : [];

    /// <summary>Has backends that are on their way out removed when their connections have ended.</summary>
    /// <returns>The backends that are being drained.</returns>
    public string[] DrainWhatLeaves(ServiceName name, RolloutEntry entry)
    {
        string[] leaving = [.. BackendsOf(name).Where(static backend => backend.State is BackendState.Terminating).Select(static backend => backend.Address)];
        foreach (var address in leaving)
        {
            lock (entry.Draining)
            {
                if (!entry.Draining.Add(address))
                    continue;
            }

            _ = DrainAsync(name, entry, address);
        }

        return leaving;
    }

    private async Task DrainAsync(ServiceName name, RolloutEntry entry, string address)
    {
        try
        {
            var left = await client.DrainBackendAsync(name, address, TimeSpan.FromSeconds(entry.Applied!.DrainSeconds), stop);
            tell($"{name}: {address} is out, {left} connections were cut off");
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException)
        {
            tell($"{name}: {address} is drained no longer: {e.Message}"); // it is wanted again, or its service is gone
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return; // who starts again goes on with it
        }
        catch (Exception e)
        {
            _ = _failed.TrySetException(e);
        }

        lock (entry.Draining)
            _ = entry.Draining.Remove(address);
        onDrained(name);
    }

    /// <summary>Gives it no new connections any more.</summary>
    /// <returns>The backends that still have connections.</returns>
    public async Task<string[]> LeaveAsync(ServiceName name, RolloutEntry entry, KubernetesMetadata metadata)
    {
        if (entry.Applied is not { } spec || BackendsOf(name) is not { Count: > 0 } backends)
            return [];
        try
        {
            _ = await client.UpsertServiceAsync(RolloutPlan.Service(metadata, spec, backends.Select(WithoutNewConnections)), stop);
            return DrainWhatLeaves(name, entry);
        }
        catch (NotInForceException)
        {
            return []; // somebody older has its address: there is nothing to drain
        }
    }

    /// <summary>Serves it no more.</summary>
    public async Task RemoveAsync(ServiceName name, RolloutEntry entry)
    {
        _ = await client.RemoveServiceAsync(name, stop);
        if (entry.Applied is null)
            return;
        entry.Applied = null;
        onAddresses(); // its address is free
    }
}
