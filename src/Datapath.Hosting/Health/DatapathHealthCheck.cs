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
            _ => HealthCheckResult.Healthy(Describe(now)),
        };
        return Task.FromResult(result);
    }

    // Objects that somebody got wrong are no illness of this process; whoever looks should see them all the same.
    private static string Describe(DatapathSnapshot now)
    {
        var services = $"{now.State.Services.Count} services";
        return now.NotInForce is [var first, ..] all ? $"{services}; {all.Length} objects not in force, the first: {first}" : services;
    }
}
