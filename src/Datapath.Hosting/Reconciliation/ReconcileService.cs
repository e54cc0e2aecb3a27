using System.Collections.Immutable;
using System.Threading.Channels;
using Datapath.Policy;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Datapath.Hosting;

/// <summary>
/// Brings what the sources tell into the engine. Nothing is touched before every source has told its initial list: half a list would take
/// services away that an earlier process left working.
/// </summary>
internal sealed class ReconcileService : BackgroundService, IAsyncDisposable
{
    private readonly DatapathOptions _options;
    private readonly IDatapath _datapath;
    private readonly ImmutableArray<IObjectSource> _sources;
    private readonly DatapathMonitor _monitor;
    private readonly DatapathMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger<ReconcileService> _logger;

    // The sources come before the engine: if one cannot be made, the kernel is not touched.
    public ReconcileService(
        IOptions<DatapathOptions> options,
        IEnumerable<IObjectSource> sources,
        IDatapath datapath,
        DatapathMonitor monitor,
        DatapathMetrics metrics,
        TimeProvider time,
        ILogger<ReconcileService> logger)
    {
        _options = options.Value;
        _sources = [.. sources];
        _datapath = datapath;
        _monitor = monitor;
        _metrics = metrics;
        _time = time;
        _logger = logger;
    }

    /// <summary>Ends the loop first: if the start of a host fails, nobody stops what has been started, and the engine is disposed next.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None).ConfigureAwait(false);
        Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await RunAsync(stoppingToken).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            _monitor.Finish(e);
            throw;
        }
    }

    private async Task RunAsync(CancellationToken stoppingToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var steps = Channel.CreateBounded<(int Source, ObjectBatch Batch)>(64);
        var pumps = _sources.Select((source, index) => PumpAsync(source, index, steps.Writer, stop.Token)).ToArray();
        try
        {
            await ReconcileAsync(steps.Reader, stop.Token).ConfigureAwait(false);
        }
        catch (ChannelClosedException e) when (e.InnerException is not null)
        {
            throw new InvalidOperationException($"a source of objects gave up: {e.InnerException.Message}", e.InnerException);
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(pumps).ConfigureAwait(false);
        }
    }

    private async Task ReconcileAsync(ChannelReader<(int Source, ObjectBatch Batch)> steps, CancellationToken stop)
    {
        var reconciler = new Reconciler(_datapath, _options.ToNodeConfiguration(), _sources.Length, _monitor, _metrics, _time, _logger);
        if (_sources.IsEmpty)
            reconciler.Sync();
        while (true)
        {
            if (await WaitAsync(steps, reconciler.RetryIn, stop).ConfigureAwait(false))
            {
                // Everything that has come is one step, so that a burst costs one round.
                while (steps.TryRead(out var step))
                    reconciler.Take(step.Source, step.Batch);
            }

            reconciler.Step();
        }
    }

    private async Task<bool> WaitAsync(ChannelReader<(int Source, ObjectBatch Batch)> steps, TimeSpan? longest, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var timer = longest is { } delay
            ? _time.CreateTimer(static state => ((CancellationTokenSource)state!).Cancel(), limit, delay, Timeout.InfiniteTimeSpan)
            : null;
        try
        {
            if (!await steps.WaitToReadAsync(limit.Token).ConfigureAwait(false))
                await steps.Completion.ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return false;
        }
    }

    // A source that ends has said all it will ever say; one that fails ends the service.
    private static async Task PumpAsync(IObjectSource source, int index, ChannelWriter<(int Source, ObjectBatch Batch)> steps, CancellationToken stop)
    {
        try
        {
            await foreach (var batch in source.WatchAsync(stop).ConfigureAwait(false))
                await steps.WriteAsync((index, batch), stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // the host stops
        }
        catch (Exception e)
        {
            _ = steps.TryComplete(new ChannelClosedException(e));
        }
    }
}
