using Datapath.Policy;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Datapath.Hosting;

/// <summary>
/// Writes into the cluster's redirect policies what became of them on this node. What the objects say already is not written, nor anything more often than
/// clusters like. That something cannot be written changes nothing for the datapath.
/// </summary>
internal sealed class PolicyStatusWriter(
    ObjectSources sources, DatapathMonitor monitor, IOptions<DatapathOptions> options, KubernetesMetrics metrics, TimeProvider time, ILogger<PolicyStatusWriter> logger) : BackgroundService
{
    private readonly KubernetesTimings _timings = options.Value.Kubernetes.Timings;
    private readonly PolicyStatusBook _book = new(options.Value.Kubernetes.StatusWrites, options.Value.Node.Name, options.Value.Kubernetes.Timings);
    private readonly string _node = options.Value.Node.Name;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (sources.Kubernetes is not { } cluster || options.Value.Kubernetes is { RedirectPolicies: false } or { StatusWrites: KubernetesStatusWrites.None })
            return;
        try
        {
            _ = await monitor.WaitForAsync(static now => now.IsSynced, stoppingToken).ConfigureAwait(false);
            while (true)
            {
                var (told, now) = (cluster.PolicyTold.Next, monitor.Current);
                var statuses = now.Statuses.Keys.Select(key => monitor.StatusFor(cluster, key, now)).OfType<ObjectStatus>();
                if (_book.Next(statuses, cluster, time.GetUtcNow()) is { } write)
                    await WriteAsync(cluster, write, stoppingToken).ConfigureAwait(false);
                else
                    await WaitAsync(now, told, stoppingToken).ConfigureAwait(false);
            }
        }
        catch (InvalidOperationException) when (monitor.EndReason is not null)
        {
            // the datapath has ended, and says why itself
        }
    }

    private async Task WriteAsync(KubernetesSource cluster, PolicyStatusWrite write, CancellationToken stop)
    {
        var delay = _timings.BetweenWrites;
        try
        {
            var path = $"{write.Resource.PathOf(write.Object, "status")}?fieldManager=datapath";
            var answer = await cluster.Connection.MergeAsync(path, NodeStatus.ToPatch(write.Status, _node, write.Gone), stop).ConfigureAwait(false);
            metrics.Written(isDone: true);
            if (write.Status is not null && !NodeStatus.AreSame(PolicyStatusAnswer.Find(answer, _node), write.Status))
            {
                _book.GiveUp(write.Object.Kind);
                Log.StatusNotKept(logger, write.Resource.Plural);
            }

            _book.Done(write, time.GetUtcNow());
        }
        catch (Exception e) when (Reflector.IsPassing(e, stop))
        {
            metrics.Written(isDone: false);
            var reason = ExceptionWords.Of(e);
            if (_book.Fail(write, reason, time.GetUtcNow()))
                Log.StatusNotWritten(logger, write.Object, reason);
            if (e is KubernetesApiException { RetryAfter: { } asked })
                delay = asked < _timings.LongestRetryAfter ? asked : _timings.LongestRetryAfter; // it is the server that is asked too much of
        }

        await Task.Delay(delay, time, stop).ConfigureAwait(false);
    }

    /// <summary>Waits until the statuses are others, the server tells something of policies, or it is time for one that was put off.</summary>
    private async Task WaitAsync(DatapathSnapshot seen, Task told, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var longest = _book.NextAt is { } at && at - time.GetUtcNow() is var left && left < _timings.WriteAgain ? left : _timings.WriteAgain;
        using var timer = time.CreateTimer(
            static state => ((CancellationTokenSource)state!).Cancel(), limit, longest > TimeSpan.Zero ? longest : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        try
        {
            var others = monitor.WaitForAsync(now => now.Statuses != seen.Statuses || now.Winners != seen.Winners, limit.Token);
            if (await Task.WhenAny(others, told).ConfigureAwait(false) == told)
                await limit.CancelAsync().ConfigureAwait(false);
            _ = await others.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            // it is time, or something was told
        }
    }
}
