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
    private readonly IMasquerade _masquerade;
    private readonly MasqueradeRules _masqueradeRules;
    private readonly ImmutableArray<IObjectSource> _sources;
    private readonly ImmutableArray<IHealthSource> _healthSources;
    private readonly INodeAddresses _addresses;
    private readonly FaultRecord _faults;
    private readonly DatapathMonitor _monitor;
    private readonly DatapathMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger<ReconcileService> _logger;
    private readonly IPMasqAgentSource? _agentFile;
    private readonly CancellationTokenSource _hurry = new();

    // The sources come before the engine: if one cannot be made, the kernel is not touched.
    public ReconcileService(
        IOptions<DatapathOptions> options,
        ObjectSources sources,
        IEnumerable<IHealthSource> healthSources,
        INodeAddresses addresses,
        IDatapath datapath,
        IMasquerade masquerade,
        MasqueradeRules masqueradeRules,
        FaultRecord faults,
        DatapathMonitor monitor,
        DatapathMetrics metrics,
        TimeProvider time,
        ILogger<ReconcileService> logger)
    {
        _options = options.Value;
        _sources = sources.All;
        _healthSources = [.. healthSources.Select(static (source, index) => source ?? throw new InvalidOperationException($"source of health no. {index + 1} is null: what AddHealthSource was given to make it gave none"))];
        _addresses = addresses;
        _datapath = datapath;
        _masquerade = masquerade;
        _masqueradeRules = masqueradeRules;
        _faults = faults;
        _monitor = monitor;
        _metrics = metrics;
        _time = time;
        _logger = logger;
        _agentFile = _options.Masquerade is { Enabled: true, UsesAgentFile: true } used ? new(used.AgentFile, time: time) : null;
    }

    /// <summary>Ends the loop first: if the start of a host fails, nobody stops what has been started, and the engine is disposed next.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None).ConfigureAwait(false);
        Dispose();
        _hurry.Dispose();
    }

    /// <summary>
    /// Stops the loop, and says so to who waits for a step: a loop that was stopped before its first instruction cannot. From when the host has waited for long
    /// enough, sources are waited for no more, so that the host is not kept by them either when it disposes of this.
    /// </summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
        if (cancellationToken.IsCancellationRequested)
            await _hurry.CancelAsync().ConfigureAwait(false);
        if (ExecuteTask is null or { IsCompleted: true } && _monitor.EndReason is null)
            _monitor.Finish(new OperationCanceledException("it was stopped before it began"));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await RunAsync(stoppingToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (stoppingToken.IsCancellationRequested)
        {
            _monitor.Finish(new OperationCanceledException("it was stopped", e, stoppingToken));
            throw;
        }
        catch (Exception e)
        {
            _monitor.Finish(e is OperationCanceledException ? new InvalidOperationException($"a call of the engine was cancelled: {e.Message}", e) : e);
            throw;
        }
    }

    private async Task RunAsync(CancellationToken stoppingToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var steps = Channel.CreateBounded<ReconcilerInput>(64);
        if (_options.LoadBalancer.HealthCheckAnnotation is { } annotation && _healthSources.IsEmpty)
            Log.NoHealthSource(_logger, annotation);
        var awaitsAddresses = _options.Node.Addresses is null;
        var masquerade = _options.Masquerade.Enabled ? new MasqueradeReconciler(_masquerade, _options.Masquerade, _logger) : null;
        var pumps = new InputPumps(steps.Writer, _time, stop.Token);
        // First, because nothing is done without them, not even what a source told before it failed.
        if (awaitsAddresses)
            pumps.Start(InputNames.NodeAddresses, _addresses.WatchAsync, (to, addresses) => to.Take(_options.ToNodeConfiguration(addresses)));
        var names = SourceNames.Of(_sources);
        foreach (var (index, source) in _sources.Index())
            pumps.StartApart(names[index], source.WatchAsync, (to, batch) => to.Take(index, batch), new BatchOrder().FlawOf, hasInitialList: true);
        foreach (var (name, source) in SourceNames.Of(_healthSources).Zip(_healthSources))
            pumps.StartApart(name, source.WatchAsync, static (to, result) => to.Take(result), static _ => null, hasInitialList: false);
        if (_agentFile is not null)
            pumps.Start(InputNames.AgentFile, _agentFile.WatchAsync, static (to, update) => to.Take(update));
        if (masquerade is not null)
            pumps.Start("the program's rules of masquerading", _masqueradeRules.WatchAsync, static (to, rules) => to.Take(rules.Configuration, rules.Revision));
        if (_datapath is IPodFindingDatapath finding)
            pumps.Start("the watch of the pods", new PodWatch(finding, _monitor, _time, _logger).WatchAsync, static (to, lost) => to.Take(lost));
        var inputs = new ReconcilerInputs(awaitsAddresses ? null : _options.ToNodeConfiguration(), names, masquerade, _metrics, _logger);
        var reconciler = new Reconciler(_datapath, masquerade, inputs, _faults, _monitor, _metrics, _time, _logger);
        try
        {
            await ReconcileAsync(steps.Reader, reconciler, stop.Token).ConfigureAwait(false);
        }
        finally
        {
            _metrics.Lag = null;
            await stop.CancelAsync().ConfigureAwait(false);
            var ending = _time.GetTimestamp();
            foreach (var name in await pumps.EndAsync(_options.StopTimeout, _hurry.Token).ConfigureAwait(false))
                Log.NotStopped(_logger, name, Math.Round(_time.GetElapsedTime(ending).TotalSeconds, 1));
        }
    }

    private async Task ReconcileAsync(ChannelReader<ReconcilerInput> steps, Reconciler reconciler, CancellationToken stop)
    {
        var lag = new ReconcileLag(steps, _time);
        _metrics.Lag = () => lag.Current;
        Step(); // without sources nothing is waited for
        while (true)
        {
            if (await WaitAsync(steps, reconciler.RetryIn, stop).ConfigureAwait(false))
            {
                lag.Begin();
                // Everything that has come is one step, so that a burst costs one round.
                while (steps.TryRead(out var input))
                    input.Take(reconciler.Inputs);
            }

            Step();
        }

        void Step()
        {
            var started = _time.GetTimestamp();
            _monitor.BusySince = _time.GetUtcNow();
            try
            {
                reconciler.Step();
            }
            finally
            {
                _monitor.BusySince = null;
            }

            lag.End(reconciler.IsComplete);
            _metrics.Stepped(_time.GetElapsedTime(started));
        }
    }

    private async Task<bool> WaitAsync(ChannelReader<ReconcilerInput> steps, TimeSpan? longest, CancellationToken stop)
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
}
