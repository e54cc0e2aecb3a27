using System.Collections.Immutable;

namespace Datapath;

/// <summary>An engine that knows which sockets it led to which backends. Calls may come from any thread.</summary>
public interface IConnectionCountingDatapath : IDatapath
{
    /// <summary>
    /// Counts the sockets that are connected where a frontend led them, TCP and UDP, in all network namespaces of the machine that have a name or a process, or
    /// that this process has open.
    /// Takes a walk over all of them; counts that are asked for together share one, and walks do not take more than a fifth of a CPU.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait for it.</param>
    Task<ImmutableArray<BackendConnections>> CountConnectionsAsync(CancellationToken cancellationToken = default);
}

/// <summary>Sockets that are connected to a backend because a service led them there.</summary>
/// <param name="Service">The service; <see langword="null"/> if its frontend is gone, or a range of a redirect policy.</param>
/// <param name="Backend">The backend.</param>
/// <param name="Count">How many sockets, at least 1.</param>
public sealed record BackendConnections(ServiceName? Service, L4Address Backend, int Count);
