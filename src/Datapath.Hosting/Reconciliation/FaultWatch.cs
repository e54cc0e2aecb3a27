using System.Collections.Immutable;
using Microsoft.Extensions.Logging;

namespace Datapath.Hosting;

/// <summary>
/// Asks the engine from time to time what has happened around it, and logs what is new: that a cgroup is removed, or pins are deleted, nobody tells.
/// </summary>
internal sealed class FaultWatch(IDatapath datapath, TimeProvider time, ILogger<FaultWatch> logger)
    : PeriodicWatch("what has happened around the datapath", Interval, time, logger)
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private readonly ISelfTestingDatapath? _engine = datapath as ISelfTestingDatapath;
    private ImmutableArray<string> _before = [];

    protected override bool IsNeeded => _engine is not null;

    protected override void Look()
    {
        var now = _engine!.FindFaults();
        foreach (var fault in now.Except(_before))
            Log.FaultFound(Logger, fault);
        foreach (var fault in _before.Except(now))
            Log.FaultOver(Logger, fault);
        _before = now;
    }
}
