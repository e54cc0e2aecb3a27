using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace Datapath.Hosting;

/// <summary>
/// Asks the engine every second whether the pods on which something depends are still where it found them. Rests while nothing depends on any.
/// </summary>
internal sealed class PodWatch(IPodFindingDatapath datapath, DatapathMonitor monitor, TimeProvider time, ILogger logger)
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Lookout _lookout = new("whether pods are where they were found", logger);

    /// <summary>Tells those that are not.</summary>
    public async IAsyncEnumerable<ImmutableArray<PodName>> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            _ = await monitor.WaitForAsync(_ => datapath.DependsOnFoundPods, cancellationToken).ConfigureAwait(false);
            await Task.Delay(Interval, time, cancellationToken).ConfigureAwait(false);
            ImmutableArray<PodName> lost = [];
            _lookout.Look(() => lost = datapath.FindLostPods());
            if (!lost.IsEmpty)
                yield return lost;
        }
    }
}
