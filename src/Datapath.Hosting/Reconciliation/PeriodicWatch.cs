using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Datapath.Hosting;

/// <summary>Looks at something of the kernel's from time to time, because nobody tells of it. What the kernel refuses is logged, and the watch goes on.</summary>
/// <param name="what">What is looked at, in words.</param>
/// <param name="interval">How long it waits before each look.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Told of refusals, and by those who derive of what they find.</param>
internal abstract class PeriodicWatch(string what, TimeSpan interval, TimeProvider time, ILogger logger) : BackgroundService
{
    private readonly Lookout _lookout = new(what, logger);

    /// <summary>Told what is found.</summary>
    protected ILogger Logger { get; } = logger;

    /// <summary>Whether there is anything to look at. Asked once, at the start.</summary>
    protected abstract bool IsNeeded { get; }

    /// <summary>Looks.</summary>
    protected abstract void Look();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!IsNeeded)
            return;
        while (true)
        {
            await Task.Delay(interval, time, stoppingToken).ConfigureAwait(false);
            _lookout.Look(Look);
        }
    }
}
