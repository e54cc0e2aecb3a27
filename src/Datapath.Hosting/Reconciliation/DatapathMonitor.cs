using System.Collections.Immutable;
using Datapath.Policy;

namespace Datapath.Hosting;

/// <summary>Shows how the hosted datapath stands. For status displays, health checks and tests; safe from any thread.</summary>
public sealed class DatapathMonitor
{
    private readonly Lock _gate = new();
    private readonly ImmutableArray<IObjectSource> _sources;
    private DatapathSnapshot _current = new();
    private TaskCompletionSource _next = NewSource();
    private Exception? _end;

    /// <summary>Makes a monitor that has seen no step yet.</summary>
    /// <param name="sources">The sources, whose diagnostics it shows.</param>
    public DatapathMonitor(IEnumerable<IObjectSource> sources) => _sources = [.. sources];

    /// <summary>How it stands now.</summary>
    public DatapathSnapshot Current
    {
        get
        {
            lock (_gate)
                return _current;
        }
    }

    /// <summary>Why there will be no further step: the host stops, an input gave up (the message names it) or the engine failed. <see langword="null"/> while it runs.</summary>
    public Exception? EndReason
    {
        get
        {
            lock (_gate)
                return _end;
        }
    }

    /// <summary>What there is to say about the inputs as they are now.</summary>
    public ImmutableArray<Diagnostic> Diagnostics => [.. _sources.OfType<IDiagnosticSource>().SelectMany(static s => s.Diagnostics)];

    /// <summary>How the kinds of object of the cluster are followed; empty if none is.</summary>
    public ImmutableArray<KubernetesKindStatus> Kubernetes => [.. _sources.OfType<KubernetesSource>().SelectMany(static s => s.Kinds)];

    /// <summary>Waits until the datapath stands as asked.</summary>
    /// <param name="condition">What to wait for.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The first snapshot that fulfils the condition.</returns>
    /// <exception cref="InvalidOperationException">There will be no further step; <see cref="EndReason"/> is the inner exception.</exception>
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
                throw new InvalidOperationException($"the datapath has ended: {end.Message}", end);
            await next.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    internal void Publish(DatapathSnapshot snapshot) => Change(() => _current = snapshot);

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

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
