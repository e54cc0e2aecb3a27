using Datapath.Linux;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Datapath.Hosting;

/// <summary>
/// Asks the engines what has happened around them: at once when the kernel tells or an engine finds out that something has, and from time to time, since of most things nobody tells.
/// </summary>
internal sealed class FaultWatch(FaultRecord record, IDatapath datapath, IMasquerade masquerade, TimeProvider time, ILogger<FaultWatch> logger) : BackgroundService
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly NewsSignal _suspicion = new();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!record.IsNeeded)
            return;
        using var signs = datapath is ISelfTestingDatapath engine ? Listen(engine) : null;
        using var news = masquerade.WatchForFaults(_suspicion.Set);
        while (true)
        {
            _ = await _suspicion.WaitAsync(Interval, time, stoppingToken).ConfigureAwait(false);
            record.Look();
        }
    }

    private IDisposable? Listen(ISelfTestingDatapath engine)
    {
        try
        {
            return engine.WatchForFaults(_suspicion.Set);
        }
        catch (LinuxException e)
        {
            Log.FaultsNotTold(logger, Interval.TotalSeconds, e.Message);
            return null;
        }
    }
}
