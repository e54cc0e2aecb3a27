namespace Datapath.Policy;

/// <summary>What a health check found out about a backend.</summary>
/// <param name="Service">The service.</param>
/// <param name="Backend">The backend's address.</param>
/// <param name="IsHealthy">Whether it answers; <see langword="null"/> to forget an earlier result.</param>
public readonly record struct HealthResult(ServiceName Service, L4Address Backend, bool? IsHealthy);
