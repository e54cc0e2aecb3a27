using System.Collections.Immutable;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Datapath.Hosting;

/// <summary>
/// Asks the engine from time to time what has happened around it, and logs what is new: that a cgroup is removed, or pins are deleted, nobody tells.
/// </summary>
internal sealed partial class FaultWatch(IDatapath datapath, TimeProvider time, ILogger<FaultWatch> logger) : BackgroundService
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (datapath is not ISelfTestingDatapath engine)
            return;
        ImmutableArray<string> before = [];
        while (true)
        {
            await Task.Delay(Interval, time, stoppingToken).ConfigureAwait(false);
            var now = engine.FindFaults();
            foreach (var fault in now.Except(before))
                Messages.Found(logger, fault);
            foreach (var fault in before.Except(now))
                Messages.Over(logger, fault);
            before = now;
        }
    }

    private static partial class Messages
    {
        [LoggerMessage(EventId = 1201, Level = LogLevel.Error, Message = "The datapath has no effect, or will not last: {Fault}")]
        public static partial void Found(ILogger logger, string fault);

        [LoggerMessage(EventId = 1202, Level = LogLevel.Information, Message = "Over: {Fault}")]
        public static partial void Over(ILogger logger, string fault);
    }
}
