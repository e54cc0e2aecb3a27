using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Datapath.Hosting;
using Datapath.Policy;
using Microsoft.Extensions.DependencyInjection;

namespace Datapath.Operator.Rollouts;

/// <summary>
/// Keeps the datapath as the rollouts of a cluster say, and tells in each what became of it. Whatever happens, one method brings one rollout from what is
/// there to what is wanted; it is called when the object changes, when a drain has ended, after a failure, and from time to time.
/// </summary>
internal sealed class RolloutOperator
{
    /// <summary>Keeps a deleted rollout until its connections have ended.</summary>
    public const string Finalizer = $"{Rollout.Group}/drain";

    private static readonly TimeSpan s_resync = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_firstRetry = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_longestRetry = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly Dictionary<ServiceName, RolloutEntry> _entries = [];
    private readonly WorkQueue _queue = new();
    private readonly KubernetesCluster _cluster;
    private readonly RolloutServices _services;
    private readonly Action<string> _tell;
    private readonly CancellationToken _stop;

    private RolloutOperator(KubernetesCluster cluster, DatapathClient client, Action<string> tell, CancellationToken stop) =>
        (_cluster, _services, _tell, _stop) = (cluster, new(client, AddAll, _queue.Add, tell, stop), tell, stop);

    /// <summary>Runs until it is stopped.</summary>
    /// <param name="cluster">Where the rollouts are.</param>
    /// <param name="configure">Sets the options of the datapath.</param>
    /// <param name="build">Adds to the datapath.</param>
    /// <param name="tell">Told what happens, a line at a time.</param>
    /// <param name="stop">Ends it. With the pinned lifetime services go on, and the next start adopts them.</param>
    public static async Task RunAsync(
        KubernetesCluster cluster, Action<DatapathOptions> configure, Action<IDatapathBuilder>? build, Action<string> tell, CancellationToken stop)
    {
        using var all = CancellationTokenSource.CreateLinkedTokenSource(stop);
        await using var batches = cluster.Watch(Rollout.Kind).ReadAllAsync(all.Token).GetAsyncEnumerator(CancellationToken.None);
        _ = await batches.MoveNextAsync(); // the complete list: nothing of what an earlier process left in the kernel goes before it is known
        var first = batches.Current;
        await using var datapath = await DatapathHost.StartAsync(
            configure,
            builder =>
            {
                build?.Invoke(builder);
                _ = builder.AddClient([.. first.Upserted.Select(RolloutServices.InitialService).OfType<ServiceBuilder>()]);
            },
            stop);
        var running = new RolloutOperator(cluster, datapath.Client, tell, all.Token);
        running.Take(first, isFirst: true);
        Task[] parts = [running.FollowAsync(batches), running.ResyncAsync(), running.ReconcileAllAsync(), running._services.Failure, datapath.Completion];
        try
        {
            await await Task.WhenAny(parts);
        }
        finally
        {
            await all.CancelAsync();
            await Task.WhenAll(parts[..3]).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // the first to end said why
        }
    }

    private static ServiceName NameOf(KubernetesMetadata metadata) => new(metadata.Namespace, metadata.Name);

    private async Task FollowAsync(IAsyncEnumerator<KubernetesBatch<Rollout>> batches)
    {
        while (await batches.MoveNextAsync())
            Take(batches.Current, isFirst: false);
    }

    private void Take(KubernetesBatch<Rollout> batch, bool isFirst)
    {
        lock (_gate)
        {
            foreach (var item in batch.Upserted)
            {
                var name = NameOf(item.Metadata);
                if (!_entries.TryGetValue(name, out var entry))
                    _entries.Add(name, entry = new() { Applied = isFirst ? RolloutPlan.InForce(item) : null });
                entry.Item = item;
                _queue.Add(name);
            }

            foreach (var gone in batch.Deleted)
            {
                if (_entries.TryGetValue(NameOf(gone), out var entry))
                    entry.Item = null;
                _queue.Add(NameOf(gone));
            }
        }
    }

    private async Task ResyncAsync()
    {
        using var timer = new PeriodicTimer(s_resync);
        while (await timer.WaitForNextTickAsync(_stop))
            AddAll();
    }

    private void AddAll()
    {
        lock (_gate)
        {
            foreach (var name in _entries.Keys)
                _queue.Add(name);
        }
    }

    private async Task ReconcileAllAsync()
    {
        await foreach (var name in _queue.ReadAllAsync(_stop))
        {
            RolloutEntry? entry;
            KubernetesItem<Rollout>? item;
            lock (_gate)
            {
                entry = _entries.GetValueOrDefault(name);
                item = entry?.Item;
            }

            if (entry is null)
                continue;
            try
            {
                await ReconcileAsync(name, entry, item);
                entry.Failures = 0;
            }
            catch (KubernetesApiException e)
            {
                // A conflict, or that it is gone: the watch tells what is another by now. Anything else passes, or somebody must see to it.
                var delay = e.RetryAfter ?? s_firstRetry * Math.Pow(2, Math.Min(entry.Failures++, 10));
                if (!e.IsConflict && !e.IsNotFound)
                    _tell($"{name}: {e.Message}; tried again");
                _ = _queue.AddLaterAsync(name, delay < s_longestRetry ? delay : s_longestRetry, _stop);
            }
        }
    }

    private async Task ReconcileAsync(ServiceName name, RolloutEntry entry, KubernetesItem<Rollout>? item)
    {
        if (item is null)
        {
            await _services.RemoveAsync(name, entry); // somebody took the finalizer away
            lock (_gate)
            {
                if (entry.Item is null)
                    _ = _entries.Remove(name);
            }

            return;
        }

        if (item.Metadata.IsDeleting)
        {
            await FinishAsync(name, entry, item);
            return;
        }

        if (!item.Metadata.Finalizers.Contains(Finalizer))
            item = Keep(entry, item, await PatchFinalizersAsync(item.Metadata, item.Metadata.Finalizers.Add(Finalizer)));
        var problem = item.IsReadable ? string.Join("; ", RolloutCheck.Check(item.Object.Spec)) : item.Problem!;
        if (problem.Length == 0)
            problem = await _services.ApplyAsync(name, entry, item.Metadata, item.Object!.Spec) ?? "";
        var leaving = _services.DrainWhatLeaves(name, entry);
        var (phase, message) = problem.Length == 0
            ? RolloutStatuses.Of(item.Object!.Spec, leaving)
            : (RolloutPhase.Refused, entry.Applied is null ? problem : $"{problem}; what was in force before stays so");
        await WriteStatusAsync(entry, item, phase, message, leaving);
    }

    /// <summary>A deleted rollout gets no new connections, and goes when those that it has have ended or their time is over.</summary>
    private async Task FinishAsync(ServiceName name, RolloutEntry entry, KubernetesItem<Rollout> item)
    {
        if (await _services.LeaveAsync(name, entry, item.Metadata) is { Length: > 0 } leaving)
        {
            await WriteStatusAsync(entry, item, RolloutPhase.Draining, $"deleted; {RolloutStatuses.Describe(leaving)}", leaving);
            return;
        }

        await _services.RemoveAsync(name, entry);
        if (item.Metadata.Finalizers.Contains(Finalizer))
            _ = await PatchFinalizersAsync(item.Metadata, item.Metadata.Finalizers.Remove(Finalizer));
    }

    private async Task WriteStatusAsync(RolloutEntry entry, KubernetesItem<Rollout> item, RolloutPhase phase, string message, string[] draining)
    {
        if (RolloutStatuses.Next(item.Object?.Status ?? entry.Written, item.Metadata, phase, message, draining, entry.Applied, TimeProvider.System.GetUtcNow()) is not { } status)
            return;
        var json = JsonSerializer.SerializeToNode(status, RolloutJson.Default.RolloutStatus)!.AsObject();
        _ = Keep(entry, item, await _cluster.PatchStatusAsync(Rollout.Kind, item.Metadata, json, _stop));
        entry.Written = status;
        _tell($"{item.Metadata}: {phase}: {message}");
    }

    private Task<KubernetesItem<Rollout>> PatchFinalizersAsync(KubernetesMetadata metadata, ImmutableArray<string> finalizers) => _cluster.PatchAsync(
        Rollout.Kind, metadata, new() { ["metadata"] = new JsonObject { ["finalizers"] = new JsonArray([.. finalizers.Select(static name => (JsonNode)name)]) } }, _stop);

    /// <summary>What the server answered to a write counts until the watch tells something newer.</summary>
    private KubernetesItem<Rollout> Keep(RolloutEntry entry, KubernetesItem<Rollout> before, KubernetesItem<Rollout> now)
    {
        lock (_gate)
        {
            if (ReferenceEquals(entry.Item, before))
                entry.Item = now;
        }

        return now;
    }
}
