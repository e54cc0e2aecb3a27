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
    private readonly Lookout _masqueradeLookout = new("what has happened around masquerading", logger);
    private EngineFaults _ofServices = EngineFaults.None;
    private EngineFaults _ofMasquerade = EngineFaults.None;

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
                    if (_engine.FindOutage() != _ofServices.Outage)
                        LookFor(_engine);
                });
            }

            _masqueradeLookout.Look(LookForMasquerade);
        }
    }

    private void LookForMasquerade()
    {
        var now = new EngineFaults(masquerade.FindOutage(), masquerade.FindFaults());
        if (now == _ofMasquerade)
            return;
        _ofMasquerade = now;
        monitor.Tell(_ofServices, now);
    }

    private void LookFor(ISelfTestingDatapath engine)
    {
        var now = new EngineFaults(engine.FindOutage(), engine.FindFaults());
        foreach (var fault in now.All.Except(_ofServices.All))
            Log.FaultFound(logger, fault);
        foreach (var fault in _ofServices.All.Except(now.All))
            Log.FaultOver(logger, fault);
        if (now == _ofServices)
            return;
        _ofServices = now;
        monitor.Tell(now, _ofMasquerade);
    }
}
