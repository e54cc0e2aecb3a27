using System.Collections.Immutable;
using Microsoft.Extensions.Logging;

namespace Datapath.Hosting;

/// <summary>
/// What has happened around the engine so that what it holds takes no effect or will not last: looks for it, tells the monitor and logs what is new. Safe from any thread.
/// </summary>
internal sealed class FaultRecord(IDatapath datapath, DatapathMonitor monitor, ILogger<FaultWatch> logger)
{
    private readonly Lock _gate = new();
    private readonly ISelfTestingDatapath? _engine = datapath as ISelfTestingDatapath;
    private readonly Lookout _lookout = new("what has happened around the datapath", logger);
    private ImmutableArray<string> _known = [];
    private string? _outage;

    /// <summary>Whether the engine can tell any.</summary>
    public bool IsNeeded => _engine is not null;

    /// <summary>Looks for all of them.</summary>
    public void Look()
    {
        if (_engine is null)
            return;
        lock (_gate)
            _lookout.Look(() => LookFor(_engine));
    }

    /// <summary>Looks, after something was given to the engine, whether it takes effect. Cheap while nothing has changed in that.</summary>
    public void LookAfterStep()
    {
        if (_engine is null)
            return;
        lock (_gate)
        {
            _lookout.Look(() =>
            {
                if (_engine.FindOutage() != _outage)
                    LookFor(_engine);
            });
        }
    }

    private void LookFor(ISelfTestingDatapath engine)
    {
        var (outage, now) = (engine.FindOutage(), engine.FindFaults());
        foreach (var fault in now.Except(_known))
            Log.FaultFound(logger, fault);
        foreach (var fault in _known.Except(now))
            Log.FaultOver(logger, fault);
        if (outage == _outage && now.AsSpan().SequenceEqual(_known.AsSpan()))
            return;
        (_outage, _known) = (outage, now);
        monitor.Tell(outage, now);
    }
}
