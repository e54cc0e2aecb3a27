using System.Collections.Immutable;
using Datapath.Policy;

namespace Datapath.Hosting;

/// <summary>Shows how the hosted datapath stands. For status displays, health checks and tests; safe from any thread.</summary>
public sealed class DatapathMonitor
{
    private readonly Lock _gate = new();
    private readonly ImmutableArray<IObjectSource> _sources;
    private readonly ImmutableArray<string> _names;
    private DatapathSnapshot _current = new();
    private TaskCompletionSource _next = NewSource();
    private EngineFaults _ofServices = EngineFaults.None;
    private EngineFaults _ofMasquerade = EngineFaults.None;
    private Exception? _end;
    private volatile string? _mappingLogFailure;

    /// <summary>Makes a monitor that has seen no step yet.</summary>
    /// <param name="sources">The sources, whose diagnostics it shows.</param>
    public DatapathMonitor(IEnumerable<IObjectSource> sources)
    {
        _sources = [.. sources];
        Awaited = _names = SourceNames.Of(_sources);
    }

    /// <summary>How it stands now.</summary>
    public DatapathSnapshot Current
    {
        get
        {
            lock (_gate)
                return _current;
        }
    }

    /// <summary>
    /// Why there will be no further step: the host stops (an <see cref="OperationCanceledException"/>), an input gave up (the message names it) or the engine failed. <see langword="null"/>
    /// while it runs.
    /// </summary>
    public Exception? EndReason
    {
        get
        {
            lock (_gate)
                return _end;
        }
    }

    /// <summary>
    /// Since when the step runs that brings changes into the engine; <see langword="null"/> between steps. A step takes seconds at most: one that runs for
    /// minutes hangs in a call of the kernel.
    /// </summary>
    public DateTimeOffset? BusySince
    {
        get
        {
            lock (_gate)
                return field;
        }

        internal set
        {
            lock (_gate)
                field = value;
        }
    }

    /// <summary>
    /// The inputs that have not told their initial lists, by name, the sources first (several of one type with their folder or number): nothing is brought into the engine before all have. Empty once they
    /// have; what they told is in force when <see cref="DatapathSnapshot.IsSynced"/> says so.
    /// </summary>
    public ImmutableArray<string> Awaited
    {
        get
        {
            lock (_gate)
                return field;
        }

        private set
        {
            lock (_gate)
                field = value;
        }
    }

    /// <summary>What there is to say about the inputs as they are now.</summary>
    public ImmutableArray<Diagnostic> Diagnostics => [.. _sources.OfType<IDiagnosticSource>().SelectMany(static s => s.Diagnostics)];

    /// <summary>Why the log of mappings (<c>masquerade:mappingLog</c>) is not written at the moment; <see langword="null"/> if it is, or there is none.</summary>
    public string? MappingLogFailure
    {
        get => _mappingLogFailure;
        internal set => _mappingLogFailure = value;
    }

    /// <summary>How the kinds of object of the cluster are followed; empty if none is.</summary>
    public ImmutableArray<KubernetesKindStatus> Kubernetes => [.. _sources.OfType<KubernetesSource>().SelectMany(static s => s.Kinds)];

    /// <summary>
    /// Waits until the datapath stands as asked: after each step, and when what happens around the engine is found out (<see cref="DatapathSnapshot.Faults"/>), the condition is looked at anew.
    /// </summary>
    /// <param name="condition">What to wait for.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The first snapshot that fulfils the condition.</returns>
    /// <exception cref="InvalidOperationException">There will be no further step; <see cref="EndReason"/> is the inner exception.</exception>
    /// <exception cref="ObjectDisposedException">There will be none, because the datapath was stopped.</exception>
    public async Task<DatapathSnapshot> WaitForAsync(Func<DatapathSnapshot, bool> condition, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(condition);
        while (true)
        {
            DatapathSnapshot now;
            Task next;
            Exception? end;
            lock (_gate)
                (now, next, end) = (_current, _next.Task, _end);
            if (condition(now))
                return now;
            if (end is not null)
                throw Ended(end);
            await next.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Waits until a step of a source is in the engine, or was refused by it.</summary>
    /// <param name="source">One of the host's sources, whose steps have revisions.</param>
    /// <param name="revision">The step's <see cref="ObjectBatch.Revision"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The first snapshot with that step. What the engine refused is in <see cref="DatapathSnapshot.Failures"/>.</returns>
    /// <exception cref="ArgumentException">The host has no such source.</exception>
    /// <exception cref="InvalidOperationException">There will be no further step; <see cref="EndReason"/> is the inner exception.</exception>
    /// <exception cref="ObjectDisposedException">There will be none, because the datapath was stopped.</exception>
    public Task<DatapathSnapshot> WaitForRevisionAsync(IObjectSource source, long revision, CancellationToken cancellationToken = default)
    {
        var index = _sources.IndexOf(source);
        return index >= 0
            ? WaitForAsync(snapshot => snapshot.IsSynced && snapshot.Revisions[index] >= revision, cancellationToken)
            : throw new ArgumentException($"{source} is not among the host's sources", nameof(source));
    }

    /// <summary>What became of an object that a source told: its status, if it is that source's which is in force, and otherwise whose is.</summary>
    internal ObjectStatus? StatusFor(IObjectSource source, ObjectKey key, DatapathSnapshot snapshot) =>
        snapshot.Winners.TryGetValue(key, out var winner) && winner != _sources.IndexOf(source)
            ? new(key, ObjectCondition.Conflict, 0, $"{_names[winner]} has it too, and goes first")
            : snapshot.Statuses.GetValueOrDefault(key);

    internal void Await(IEnumerable<int> sources, string? besides)
    {
        ImmutableArray<string> others = besides is null ? [] : [besides];
        Awaited = [.. sources.Select(index => _names[index]), .. others];
    }

    internal void Publish(DatapathSnapshot snapshot) => Change(() => _current = WithFaults(snapshot));

    /// <summary>Shows from now on what has happened around the engines.</summary>
    /// <param name="ofServices">Around that of services.</param>
    /// <param name="ofMasquerade">Around that of masquerading.</param>
    internal void Tell(EngineFaults ofServices, EngineFaults ofMasquerade) => Change(() =>
    {
        (_ofServices, _ofMasquerade) = (ofServices, ofMasquerade);
        _current = WithFaults(_current);
    });

    /// <summary>Refuses what needs a datapath that has not ended.</summary>
    /// <exception cref="InvalidOperationException">It has; <see cref="ObjectDisposedException"/> if it was stopped.</exception>
    internal void ThrowIfEnded()
    {
        if (EndReason is { } end)
            throw Ended(end);
    }

    /// <summary>Refuses what needs a datapath that was not stopped.</summary>
    /// <exception cref="ObjectDisposedException">It was.</exception>
    internal void ThrowIfStopped()
    {
        if (EndReason is OperationCanceledException end)
            throw Ended(end);
    }

    internal void Finish(Exception end) => Change(() => _end = end);

    private void Change(Action change)
    {
        TaskCompletionSource done;
        lock (_gate)
        {
            change();
            (done, _next) = (_next, NewSource());
        }

        done.SetResult();
    }

    // Only a stop cancels the loop: what an input or the engine throws of that kind is given in other words.
    private static InvalidOperationException Ended(Exception end)
    {
        var message = $"the datapath has ended: {end.Message}";
        return end is OperationCanceledException ? new ObjectDisposedException(message, end) : new InvalidOperationException(message, end);
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private DatapathSnapshot WithFaults(DatapathSnapshot snapshot) => snapshot with
    {
        Faults = [.. _ofServices.All, .. _ofMasquerade.All.Select(MasqueradeSnapshot.InWords)],
        Outage = _ofServices.Outage,
        Masquerade = snapshot.Masquerade is { } masquerade ? masquerade with { Faults = _ofMasquerade.All, Outage = _ofMasquerade.Outage } : null,
    };
}
