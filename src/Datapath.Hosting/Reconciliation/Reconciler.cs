using System.Collections.Immutable;
using Microsoft.Extensions.Logging;

namespace Datapath.Hosting;

/// <summary>Objects in, engine calls out. Keeps what the engine refused, and tries it again: at once with the next change, and by the clock.</summary>
internal sealed class Reconciler
{
    private readonly IDatapath _datapath;
    private readonly MasqueradeReconciler? _masquerade;
    private readonly FaultRecord _faults;
    private readonly DatapathMonitor _monitor;
    private readonly DatapathMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Backoff _backoff = new();
    private ImmutableArray<ApplyFailure> _failures = [];
    private ImmutableArray<PodFailure> _podFailures = [];
    private DateTimeOffset? _appliedAt;
    private long _generation;
    private SelfTestResult? _selfTest;
    private TimeSpan? _retryIn;
    private bool _isSynced;

    /// <summary>Whether what an earlier process left and nobody claims has been removed.</summary>
    private bool _isPruned;

    public Reconciler(
        IDatapath datapath,
        MasqueradeReconciler? masquerade,
        ReconcilerInputs inputs,
        FaultRecord faults,
        DatapathMonitor monitor,
        DatapathMetrics metrics,
        TimeProvider time,
        ILogger logger)
    {
        Inputs = inputs;
        _faults = faults;
        _datapath = datapath;
        _masquerade = masquerade;
        _monitor = monitor;
        _metrics = metrics;
        _time = time;
        _logger = logger;
    }

    /// <summary>What goes in.</summary>
    public ReconcilerInputs Inputs { get; }

    /// <summary>When to call <see cref="Step"/> even if nothing has come; <see langword="null"/> if nothing waits for the clock.</summary>
    public TimeSpan? RetryIn => (_retryIn, _masquerade?.RetryIn) switch
    {
        ({ } one, { } other) => one < other ? one : other,
        var (one, other) => one ?? other,
    };

    /// <summary>Whether all that was taken in is in force, as far as trying it again could change that.</summary>
    public bool IsComplete => _isSynced && RetryIn is null;

    /// <summary>Compiles what was taken in and applies it.</summary>
    public void Step()
    {
        var changes = Inputs.Compile();
        if (!_isSynced)
            _monitor.Await(Inputs.SilentSources, Inputs.AwaitedBesides);
        if (!Inputs.IsComplete)
            return;
        var isNew = _masquerade?.Step() is true;
        if (!_isSynced || (!_isPruned && !Inputs.IsPartial))
            Sync();
        else
            Apply(changes, isNew);
    }

    /// <summary>
    /// Gives the engine the whole state. What an earlier process left and nobody wants any more goes, unless some input is refused: what
    /// was left may be what the refused document said before its mistake.
    /// </summary>
    private void Sync()
    {
        var started = _time.GetTimestamp();
        _isPruned = !Inputs.IsPartial;
        var result = _isPruned ? _datapath.Replace(Inputs.State) : _datapath.Apply(MergedChanges.Everything(Inputs.State));
        if (!_isPruned)
            Log.NotPruned(_logger);
        if (!_isSynced)
            TestEngine();
        _isSynced = true;
        Finish(result, started);
        Log.Synced(_logger, Inputs.State.Services.Count, _failures.Length);
    }

    private void Apply(List<ChangeSet> steps, bool isNew)
    {
        // What was refused is tried again beside what is new.
        var changes = MergedChanges.Of(steps, _failures.Select(static f => f.Service), _podFailures.Select(static f => f.Pod), Inputs.State);
        if (changes.IsEmpty)
        {
            if (isNew || IsToldAnew())
                Publish();
            return;
        }

        var started = _time.GetTimestamp();
        Finish(_datapath.Apply(changes), started);
    }

    private bool IsToldAnew() => _monitor.Current is var told
        && (Inputs.Statuses != told.Statuses || Inputs.Winners != told.Winners || Inputs.Revisions != told.Revisions);

    private void Finish(ApplyResult result, long started)
    {
        _metrics.Applied(result, _time.GetElapsedTime(started));
        ApplyFailure[] failures = [.. result.Failures.Except(_failures)];
        PodFailure[] podFailures = [.. result.PodFailures.Except(_podFailures)];
        foreach (var failure in failures)
            Log.NotApplied(_logger, failure.Service, failure.Frontend, failure.Reason);
        if (result.FrontendsWritten + result.FrontendsRemoved > 0)
            Log.Applied(_logger, _appliedAt is null ? LogLevel.Information : LogLevel.Debug, result.FrontendsWritten, result.FrontendsRemoved); // after the first sync it is routine
        foreach (var failure in podFailures)
            Log.PodNotApplied(_logger, failure.Pod, failure.Reason);
        (_failures, _podFailures) = (result.Failures, result.PodFailures);
        if (_failures.Any(static f => f.IsTransient) || !_podFailures.IsEmpty)
        {
            if (failures.Any(static f => f.IsTransient) || podFailures.Length > 0)
                _backoff.Reset(); // what is new does not wait for what has long failed
            _retryIn = _backoff.Next();
        }
        else
        {
            _backoff.Reset();
            _retryIn = null;
        }

        _appliedAt = _time.GetUtcNow();
        Publish();
    }

    private void TestEngine()
    {
        _selfTest = (_datapath as ISelfTestingDatapath)?.SelfTest();
        if (_selfTest is { IsEffective: false })
            Log.SelfTest(_logger, _selfTest);
        else if (_selfTest is { IsEffective: null }) // as where a program serves a cgroup of others
            Log.SelfTestLeftOut(_logger, _selfTest);
    }

    private void Publish()
    {
        _faults.LookAfterStep(); // first: whoever waits for this step is to know whether it takes effect
        _monitor.Publish(new()
        {
            Generation = ++_generation,
            IsSynced = _isSynced,
            AppliedAt = _appliedAt,
            State = Inputs.State,
            Statuses = Inputs.Statuses,
            Winners = Inputs.Winners,
            Revisions = Inputs.Revisions,
            Failures = _failures,
            PodFailures = _podFailures,
            SelfTest = _selfTest,
            Masquerade = _masquerade?.Current,
        });
    }
}
