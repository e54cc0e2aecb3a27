using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Datapath.Policy;
using Microsoft.Extensions.Logging;

namespace Datapath.Hosting;

/// <summary>Objects in, engine calls out. Keeps what the engine refused, and tries it again: at once with the next change, and by the clock.</summary>
internal sealed class Reconciler
{
    private readonly IDatapath _datapath;
    private readonly DatapathMonitor _monitor;
    private readonly DatapathMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly PolicyCompiler _compiler = new(new());
    private readonly SourceMerger _merger;
    private readonly HashSet<int> _silent;
    private readonly HashSet<int> _partial = [];
    private readonly Backoff _backoff = new();
    private readonly List<ObjectBatch> _taken = [];
    private readonly List<HealthResult> _takenHealth = [];
    private ImmutableDictionary<ObjectKey, ObjectStatus> _statuses = ImmutableDictionary<ObjectKey, ObjectStatus>.Empty;
    private ImmutableArray<ApplyFailure> _failures = [];
    private DateTimeOffset? _appliedAt;
    private long _generation;
    private NodeConfiguration? _node;
    private bool _isSynced;

    /// <summary>Whether what an earlier process left and nobody claims has been removed.</summary>
    private bool _isPruned;

    // A node that is null is told later, and nothing is done before that.
    public Reconciler(
        IDatapath datapath, NodeConfiguration? node, int sources, DatapathMonitor monitor, DatapathMetrics metrics, TimeProvider time, ILogger logger)
    {
        _datapath = datapath;
        _monitor = monitor;
        _metrics = metrics;
        _time = time;
        _logger = logger;
        _node = node;
        _merger = new(sources);
        _silent = [.. Enumerable.Range(0, sources)];
    }

    /// <summary>When to call <see cref="Step"/> even if nothing has come; <see langword="null"/> if nothing waits for the clock.</summary>
    public TimeSpan? RetryIn { get; private set; }

    /// <summary>Takes a source's step in.</summary>
    public void Take(int source, ObjectBatch batch)
    {
        _ = _silent.Remove(source);
        _ = batch.IsPartial ? _partial.Add(source) : _partial.Remove(source);
        foreach (var diagnostic in batch.Diagnostics)
            Report(diagnostic);
        _taken.Add(_merger.Merge(source, batch));
    }

    /// <summary>Takes a change of the machine in.</summary>
    public void Take(NodeConfiguration node) => _node = node;

    /// <summary>Takes the result of a health check in.</summary>
    public void Take(HealthResult result) => _takenHealth.Add(result);

    /// <summary>Compiles what was taken in and applies it.</summary>
    public void Step()
    {
        if (_node is null)
            return;
        var changes = Compile(_node);
        if (_silent.Count > 0)
            return;
        if (!_isSynced || (!_isPruned && _partial.Count == 0))
            Sync();
        else
            Apply(changes);
    }

    /// <summary>
    /// Gives the engine the whole state. What an earlier process left and nobody wants any more goes, unless some input is refused: what
    /// was left may be what the refused document said before its mistake.
    /// </summary>
    private void Sync()
    {
        var started = _time.GetTimestamp();
        _isPruned = _partial.Count == 0;
        var result = _isPruned ? _datapath.Replace(_compiler.State) : _datapath.Apply(new([.. _compiler.State.Services.Values], []));
        if (!_isPruned)
            Log.NotPruned(_logger);
        _isSynced = true;
        Finish(result, started);
        Log.Synced(_logger, _compiler.State.Services.Count, _failures.Length);
    }

    private List<ChangeSet> Compile(NodeConfiguration node)
    {
        var changes = new List<ChangeSet>();
        var statuses = _statuses.ToBuilder();
        if (node != _compiler.Node)
            Note(_compiler.Apply(node));
        if (_takenHealth.Count > 0)
            Note(_compiler.Apply(CollectionsMarshal.AsSpan(_takenHealth)));
        foreach (var batch in _taken)
        {
            var result = _compiler.Apply(batch);
            foreach (var key in batch.Deleted)
            {
                if (!_compiler.TryGetStatus(key, out _)) // it may be back in the same step
                    _ = statuses.Remove(key);
            }

            Note(result);
        }

        _statuses = statuses.ToImmutable();
        _taken.Clear();
        _takenHealth.Clear();
        return changes;

        void Note(CompileResult result)
        {
            foreach (var status in result.Statuses)
            {
                statuses[status.Object] = status;
                Report(status);
            }

            changes.Add(result.Changes);
        }
    }

    private void Apply(List<ChangeSet> changes)
    {
        // Several steps are one for the engine: the last word on each service.
        var touched = new HashSet<ServiceName>(_failures.Select(static f => f.Service));
        foreach (var change in changes)
        {
            touched.UnionWith(change.Upserted.Select(static s => s.Name));
            touched.UnionWith(change.Removed);
        }

        if (touched.Count == 0)
        {
            if (_statuses != _monitor.Current.Statuses)
                Publish();
            return;
        }

        var started = _time.GetTimestamp();
        var state = _compiler.State.Services;
        ImmutableArray<DesiredService> upserted = [.. touched.Where(state.ContainsKey).Select(name => state[name])];
        Finish(_datapath.Apply(new(upserted, [.. touched.Where(name => !state.ContainsKey(name))])), started);
    }

    private void Finish(ApplyResult result, long started)
    {
        _metrics.Applied(result, _time.GetElapsedTime(started));
        foreach (var failure in result.Failures.Except(_failures))
            Log.NotApplied(_logger, failure.Service, failure.Frontend, failure.Reason);
        if (result.FrontendsWritten + result.FrontendsRemoved > 0)
            Log.Applied(_logger, result.FrontendsWritten, result.FrontendsRemoved);
        _failures = result.Failures;
        if (_failures.Any(static f => f.IsTransient))
        {
            RetryIn = _backoff.Next();
        }
        else
        {
            _backoff.Reset();
            RetryIn = null;
        }

        _appliedAt = _time.GetUtcNow();
        Publish();
    }

    private void Publish() => _monitor.Publish(new()
    {
        Generation = ++_generation,
        IsSynced = _isSynced,
        AppliedAt = _appliedAt,
        State = _compiler.State,
        Statuses = _statuses,
        Failures = _failures,
    });

    private void Report(Diagnostic diagnostic)
    {
        switch (diagnostic.Severity)
        {
            case DiagnosticSeverity.Error:
                _metrics.Refused();
                Log.Refused(_logger, diagnostic);
                break;
            case DiagnosticSeverity.Warning:
                Log.Warned(_logger, diagnostic);
                break;
            default:
                Log.Ignored(_logger, diagnostic);
                break;
        }
    }

    private void Report(ObjectStatus status)
    {
        if (status.Condition is ObjectCondition.Rejected)
            _metrics.Refused();
        if (status.IsNotInForce)
            Log.ObjectWarning(_logger, status);
        else
            Log.ObjectChanged(_logger, status);
    }
}
