using System.Collections.Immutable;
using Microsoft.Extensions.Logging;

namespace Datapath.Hosting;

/// <summary>
/// What has happened around the engines so that what they hold takes no effect or will not last: looks for it, tells the monitor and logs what is new of that of services; what is new of
/// masquerading its engine tells by itself. Safe from any thread.
/// </summary>
internal sealed class FaultRecord(IDatapath datapath, IMasquerade masquerade, DatapathMonitor monitor, ILogger<FaultWatch> logger)
{
    private readonly Lock _gate = new();
    private readonly ISelfTestingDatapath? _engine = datapath as ISelfTestingDatapath;
    private readonly Lookout _lookout = new("what has happened around the datapath", logger);
    private ImmutableArray<string> _known = [];
    private readonly Lookout _masqueradeLookout = new("what has happened around masquerading", logger);
    private ImmutableArray<string> _ofMasquerade = [];
    private string? _outage;

    /// <summary>Whether an engine can tell any.</summary>
    public bool IsNeeded => _engine is not null || masquerade is not NoMasquerade;

    /// <summary>Looks for all of them.</summary>
    public void Look()
    {
        lock (_gate)
        {
            if (_engine is not null)
                _lookout.Look(() => LookFor(_engine));
            _masqueradeLookout.Look(LookForMasquerade);
        }
    }

    /// <summary>Looks, after something was given to an engine, whether it takes effect. Cheap while nothing has changed in that.</summary>
    public void LookAfterStep()
    {
        lock (_gate)
        {
            if (_engine is not null)
            {
                _lookout.Look(() =>
                {
                    if (_engine.FindOutage() != _outage)
                        LookFor(_engine);
                });
            }

            _masqueradeLookout.Look(LookForMasquerade);
        }
    }

    private void LookForMasquerade()
    {
        var now = masquerade.FindFaults();
        if (now.AsSpan().SequenceEqual(_ofMasquerade.AsSpan()))
            return;
        _ofMasquerade = now;
        monitor.Tell(_outage, _known, now);
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
        monitor.Tell(outage, now, _ofMasquerade);
    }
}
