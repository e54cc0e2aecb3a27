using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Datapath.Hosting;

/// <summary>Unhealthy until the first sync, degraded while the engine refuses something.</summary>
internal sealed class DatapathHealthCheck(DatapathMonitor monitor) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var now = monitor.Current;
        var end = monitor.EndReason;
        var result = now switch
        {
            _ when end is not null => HealthCheckResult.Unhealthy($"the datapath has ended: {end.Message}", end),
            { IsSynced: false } => HealthCheckResult.Unhealthy("the sources have not told their initial lists yet"),
            { Failures: [var first, ..] } => HealthCheckResult.Degraded(
                $"{now.Failures.Length} frontends not applied; the first: service {first.Service}, {first.Frontend}: {first.Reason}"),
            _ => HealthCheckResult.Healthy($"{now.State.Services.Count} services"),
        };
        return Task.FromResult(result);
    }
}
