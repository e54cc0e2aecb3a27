using System.Net;
using Datapath.Policy;

namespace Datapath.Hosting;

public sealed partial class DatapathClient
{
    /// <summary>How often the connections of a backend that is being drained are counted.</summary>
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// Takes a backend out of service gently: it gets no new connections while the service has others, those that it has go on, and when they have ended, or
    /// the time is over, it is removed. Connected UDP sockets count as connections until they are closed.
    /// </summary>
    /// <param name="service">The service.</param>
    /// <param name="address">The backend's address.</param>
    /// <param name="longest">How long to wait for the end of its connections. Default, and <see cref="Timeout.InfiniteTimeSpan"/>: as long as it takes.</param>
    /// <param name="cancellationToken">Ends the wait. The backend stays, and gets no new connections.</param>
    /// <returns>How many connections there were when it was removed: 0 unless the time was over.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="longest"/> is negative, and not <see cref="Timeout.InfiniteTimeSpan"/>. Nothing was changed.</exception>
    /// <exception cref="KeyNotFoundException">There is no such service, or no such backend.</exception>
    /// <exception cref="InvalidOperationException">The backend was removed or given another state meanwhile.</exception>
    /// <exception cref="NotSupportedException">The engine does not count connections.</exception>
    public async Task<int> DrainBackendAsync(ServiceName service, string address, TimeSpan? longest = null, CancellationToken cancellationToken = default)
    {
        if (longest == Timeout.InfiniteTimeSpan) // is negative, and would be over at once
            longest = null;
        if (longest < TimeSpan.Zero)
            throw new ArgumentOutOfRangeException(nameof(longest), longest, "must be 0 or longer, or Timeout.InfiniteTimeSpan for as long as it takes");
        if (_datapath is not IConnectionCountingDatapath counting)
            throw new NotSupportedException($"{_datapath.GetType().Name} does not count connections");
        _ = await ChangeAsync(service, () =>
        {
            var found = Find(service);
            return found.Upsert(Find(found, address) with { State = BackendState.Terminating });
        }, cancellationToken).ConfigureAwait(false);

        // Nobody tells when a connection ends, so they are counted again and again.
        var started = _time.GetTimestamp();
        var ip = IPAddress.Parse(address);
        int left;
        while (true)
        {
            var connections = await counting.CountConnectionsAsync(cancellationToken).ConfigureAwait(false);
            left = connections.Where(item => item.Service == service && item.Backend.Address.Equals(ip)).Sum(static item => item.Count);
            if (left == 0 || _time.GetElapsedTime(started) >= longest)
                break;
            lock (_gate)
                ThrowIfNotDraining(service, address); // who put it back has new connections to it, so their end may never come
            await Task.Delay(s_look, _time, cancellationToken).ConfigureAwait(false);
        }

        _ = await ChangeAsync(service, () => RemoveDrained(service, address), cancellationToken).ConfigureAwait(false);
        return left;
    }

    private ObjectBatch RemoveDrained(ServiceName service, string address) => ThrowIfNotDraining(service, address).Remove(address);

    private ServiceObjects ThrowIfNotDraining(ServiceName service, string address) =>
        _services.TryGetValue(service, out var found) && found.Find(address) is { State: BackendState.Terminating }
            ? found
            : throw new InvalidOperationException($"backend '{address}' of service {service} was removed or given another state while it was drained");
}
