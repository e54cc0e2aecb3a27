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

    /// <summary>What there is to say about the inputs as they are now.</summary>
    public ImmutableArray<Diagnostic> Diagnostics => [.. _sources.OfType<IDiagnosticSource>().SelectMany(static s => s.Diagnostics)];

    /// <summary>Waits until the datapath stands as asked.</summary>
    /// <param name="condition">What to wait for.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The first snapshot that fulfils the condition.</returns>
    public async Task<DatapathSnapshot> WaitForAsync(Func<DatapathSnapshot, bool> condition, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(condition);
        while (true)
        {
            Task next;
            lock (_gate)
            {
                if (condition(_current))
                    return _current;
                next = _next.Task;
            }

            await next.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    internal void Publish(DatapathSnapshot snapshot)
    {
        TaskCompletionSource done;
        lock (_gate)
        {
            _current = snapshot;
            (done, _next) = (_next, NewSource());
        }

        done.SetResult();
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
