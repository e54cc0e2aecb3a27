using Datapath.Hosting;
using Microsoft.Extensions.Hosting;

namespace Datapath.Worker;

/// <summary>Tells after each step how many services there are: work of one's own beside the datapath.</summary>
internal sealed class Announcer(DatapathMonitor monitor) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        long seen = 0;
        while (true)
        {
            var snapshot = await monitor.WaitForAsync(now => now.IsSynced && now.Generation > seen, stoppingToken);
            seen = snapshot.Generation;
            Console.WriteLine($"{snapshot.State.Services.Count} services, {snapshot.NotInForce.Length} not in force");
        }
    }
}
