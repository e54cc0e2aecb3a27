using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace Datapath.Hosting;

/// <summary>
/// Follows the objects of a kind, for whoever reconciles them. What a server or a network does never ends it: a watch that breaks is taken up where it was,
/// what the server has forgotten is listed anew, and failures are followed by pauses that grow. Made by <see cref="KubernetesCluster.Watch"/>.
/// </summary>
/// <typeparam name="T">What is read of an object.</typeparam>
public sealed class KubernetesWatch<T>
    where T : class
{
    private readonly KubernetesKind<T> _kind;
    private readonly ApiCollection _collection;
    private readonly KubernetesCluster _cluster;
    private readonly KubernetesMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private KindProgress _progress;
    private int _isRead;

    internal KubernetesWatch(
        KubernetesKind<T> kind, ApiCollection collection, KubernetesCluster cluster, KubernetesMetrics metrics, TimeProvider time, ILogger logger)
    {
        (_kind, _collection, _cluster, _metrics, _time, _logger) = (kind, collection, cluster, metrics, time, logger);
        _progress = new(cluster.Options.StaleAfter, time);
    }

    /// <summary>How the objects are followed. Safe from any thread.</summary>
    public KubernetesWatchStatus Status => Volatile.Read(ref _progress).Current;

    /// <summary>
    /// Follows until it is cancelled. The first step is the complete list: what is not in it is not there. Each later step has what changed since, and what
    /// changes several times before it is read is told once, as it is then. A kind that the cluster does not have is waited for; if it goes, its objects go.
    /// </summary>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="InvalidOperationException">Somebody reads it already.</exception>
    public async IAsyncEnumerable<KubernetesBatch<T>> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _isRead, 1) != 0)
            throw new InvalidOperationException($"the watch of {_collection.Plural} is read already; make another one");
        var (items, progress) = (new WatchedItems(), new KindProgress(_cluster.Options.StaleAfter, _time));
        Volatile.Write(ref _progress, progress);
        _metrics.Show(_collection.Label, progress, _time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var following = FollowAsync(items, progress, stop);
        try
        {
            while (true)
            {
                KubernetesBatch<T> batch;
                try
                {
                    batch = await items.ReadAsync(_kind, stop.Token).ConfigureAwait(false);
                }
                catch (OperationCanceledException)
                {
                    await following.ConfigureAwait(false); // says why, if it was not the caller who wanted the end
                    throw;
                }

                yield return batch;
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _metrics.Hide(progress);
            Volatile.Write(ref _isRead, 0);
        }
    }

    private async Task FollowAsync(WatchedItems items, KindProgress progress, CancellationTokenSource stop)
    {
        var reader = new ResourceReader(_collection, _cluster.Connection, _cluster.Options, node: null);
        var reflector = new Reflector(_collection, reader, items, progress, _cluster.Options.Timings, _metrics, _time, _logger);
        try
        {
            await reflector.RunAsync(stop.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            await stop.CancelAsync().ConfigureAwait(false); // a mistake of this library, which the reader is told
            throw;
        }
    }
}
