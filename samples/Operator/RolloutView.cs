using Datapath.Hosting;
using Datapath.Operator.Rollouts;
using Datapath.SampleNode;

namespace Datapath.Operator;

/// <summary>Looks at the rollouts of a cluster, as <c>kubectl get --watch</c> does.</summary>
internal sealed class RolloutView : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);
    private readonly CancellationTokenSource _end;
    private readonly IAsyncEnumerator<KubernetesBatch<Rollout>> _batches;
    private readonly Dictionary<string, KubernetesItem<Rollout>> _items = [];
    private Task<bool>? _next;

    public RolloutView(KubernetesCluster cluster, CancellationToken stop)
    {
        _end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        _batches = cluster.Watch(Rollout.Kind).ReadAllAsync(_end.Token).GetAsyncEnumerator(CancellationToken.None);
    }

    /// <summary>Waits until a rollout is as asked; <see langword="null"/>: it is gone.</summary>
    public async Task<RolloutStatus?> WaitAsync(string name, Func<KubernetesItem<Rollout>?, bool> condition)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        limit.CancelAfter(s_patience);
        while (!condition(_items.GetValueOrDefault(name)))
        {
            try
            {
                _next ??= _batches.MoveNextAsync().AsTask();
                _ = await _next.WaitAsync(limit.Token);
                _next = null;
            }
            catch (OperationCanceledException) when (!_end.IsCancellationRequested)
            {
                var now = _items.GetValueOrDefault(name)?.Object?.Status;
                throw new SampleException($"rollout {name} is not as it should be after {s_patience.TotalSeconds} s: {now?.Phase.ToString() ?? "no status"}: {now?.Message}");
            }

            foreach (var gone in _batches.Current.Deleted)
                _ = _items.Remove(gone.Name);
            foreach (var item in _batches.Current.Upserted)
                _items[item.Metadata.Name] = item;
        }

        return _items.GetValueOrDefault(name)?.Object?.Status;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        if (_next is not null)
            await ((Task)_next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _batches.DisposeAsync();
        _end.Dispose();
    }
}
