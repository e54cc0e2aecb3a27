using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Datapath.Hosting;

/// <summary>Unhealthy until the first sync, degraded while the engine refuses something, what it holds takes no effect or will not last, or what it follows is out of reach.</summary>
internal sealed class DatapathHealthCheck(DatapathMonitor monitor, IDatapath datapath, IMasquerade masquerade) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var now = monitor.Current;
        var end = monitor.EndReason;
        var result = now switch
        {
            _ when end is not null => HealthCheckResult.Unhealthy($"the datapath has ended: {end.Message}", end),
            { IsSynced: false } when monitor.Awaited is [] => HealthCheckResult.Unhealthy("what the sources told is not in force yet"),
            { IsSynced: false } => HealthCheckResult.Unhealthy($"the sources have not told their initial lists yet: {string.Join(", ", monitor.Awaited)}{Describe(monitor.Kubernetes.FirstOrDefault(static kind => kind.Problem is not null))}"),
            { Failures: [var first, ..] } => HealthCheckResult.Degraded(
                $"{Count(now.Failures.Length, "frontend")} not applied; the first: service {first.Service}, {first.Frontend}: {first.Reason}"),
            { PodFailures: [var first, ..] } => HealthCheckResult.Degraded($"{Count(now.PodFailures.Length, "pod")} not treated as asked for; the first: pod {first.Pod}: {first.Reason}"),
            { Masquerade.Failure: { } reason } => HealthCheckResult.Degraded($"masquerading keeps its old rules: {reason}"),
            _ when masquerade.FindFaults() is [_, ..] faults => HealthCheckResult.Degraded($"masquerading: {string.Join("; ", faults)}"),
            _ when monitor.MappingLogFailure is { } reason => HealthCheckResult.Degraded($"log of mappings: {reason}"),
            _ when monitor.Kubernetes.FirstOrDefault(static kind => kind.IsStale) is { } stale => HealthCheckResult.Degraded($"what is known of the cluster may be out of date{Describe(stale)}"),
            { SelfTest: { IsEffective: false } test } => HealthCheckResult.Degraded(test.ToString()),
            _ when datapath is ISelfTestingDatapath engine && engine.FindFaults() is [_, ..] faults => HealthCheckResult.Degraded(string.Join("; ", faults)),
            _ => HealthCheckResult.Healthy(Describe(now)),
        };
        return Task.FromResult(result);
    }

    private static string Describe(KubernetesKindStatus? kind) => kind is null ? "" : $": {kind}";

    // Objects that somebody got wrong are no illness of this process; whoever looks should see them all the same.
    private static string Describe(DatapathSnapshot now)
    {
        var services = Count(now.State.Services.Count, "service");
        return now.NotInForce is [var first, ..] all ? $"{services}; {Count(all.Length, "object")} not in force, the first: {first}" : services;
    }

    private static string Count(int count, string what) => count == 1 ? $"1 {what}" : $"{count} {what}s";
}
