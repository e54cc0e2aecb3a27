using Datapath.Policy;

namespace Datapath.Hosting;

/// <summary>Where results of health checks come from. They count for services with the annotation <see cref="LoadBalancerOptions.HealthCheckAnnotation"/>.</summary>
public interface IHealthSource
{
    /// <summary>Tells results as they come, also before the service or the backend is known. An exception out of the stream ends the datapath's loop.</summary>
    /// <param name="cancellationToken">Ends the stream.</param>
    IAsyncEnumerable<HealthResult> WatchAsync(CancellationToken cancellationToken);
}
