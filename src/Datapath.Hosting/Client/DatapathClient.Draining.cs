using System.Collections.Immutable;
using System.Net;
using Datapath.Policy;

namespace Datapath.Hosting;

public sealed partial class DatapathClient
{
    /// <summary>How often the connections of a backend that is being drained are counted.</summary>
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(500);

    private readonly Dictionary<(ServiceName Service, IPAddress Address), BackendDrain> _drains = [];

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
    /// <exception cref="NotInForceException">
    /// The service does not have the effect that it asks for, as <see cref="RemoveBackendAsync"/> says. The backend gets no new connections where the service is in force, and was not waited for; or, after
    /// the wait, it is removed.
    /// </exception>
    /// <exception cref="InvalidOperationException">The backend was removed or given another state meanwhile, or another call that drains it has removed it: the message says which.</exception>
    /// <exception cref="NotSupportedException">The engine does not count connections.</exception>
    public async Task<int> DrainBackendAsync(ServiceName service, string address, TimeSpan? longest = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (longest == Timeout.InfiniteTimeSpan) // is negative, and would be over at once
            longest = null;
        if (longest < TimeSpan.Zero)
            throw new ArgumentOutOfRangeException(nameof(longest), longest, "must be 0 or longer, or Timeout.InfiniteTimeSpan for as long as it takes");
        if (_datapath is not IConnectionCountingDatapath counting)
            throw new NotSupportedException($"{_datapath.GetType().Name} does not count connections");
        BackendDrain? drain = null;
        try
        {
            _ = await ChangeAsync(service, () =>
            {
                var found = Find(service);
                var changes = found.Upsert(Find(found, address) with { State = BackendState.Terminating });
                drain = BeginDrain(service, address);
                return changes;
            }, cancellationToken).ConfigureAwait(false);
            return await WaitAndRemoveAsync(counting, drain!, longest, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (drain is not null)
                End(drain);
        }
    }

    private async Task<int> WaitAndRemoveAsync(IConnectionCountingDatapath counting, BackendDrain drain, TimeSpan? longest, CancellationToken cancellationToken)
    {
        // Nobody tells when a connection ends, so they are counted again and again.
        var started = _time.GetTimestamp();
        int left;
        while (true)
        {
            _monitor.ThrowIfEnded();
            var connections = await CountAsync(counting, cancellationToken).ConfigureAwait(false);
            left = connections.Where(item => item.Service == drain.Service && item.Backend.Address.Equals(drain.Address)).Sum(static item => item.Count);
            if (left == 0 || _time.GetElapsedTime(started) >= longest)
                break;
            lock (_gate)
                ThrowIfNotDraining(drain); // who put it back has new connections to it, so their end may never come
            await Task.Delay(s_look, _time, cancellationToken).ConfigureAwait(false);
        }

        _ = await ChangeAsync(drain.Service, () => RemoveDrained(drain), cancellationToken).ConfigureAwait(false);
        return left;
    }

    // An engine that is gone says so in its own words; what has ended is the datapath.
    private async Task<ImmutableArray<BackendConnections>> CountAsync(IConnectionCountingDatapath counting, CancellationToken cancellationToken)
    {
        try
        {
            return await counting.CountConnectionsAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            _monitor.ThrowIfEnded();
            throw;
        }
    }

    private BackendDrain BeginDrain(ServiceName service, string address)
    {
        var ip = IPAddress.Parse(address);
        if (!_drains.TryGetValue((service, ip), out var drain))
            _drains.Add((service, ip), drain = new(service, ip));
        drain.Calls++;
        drain.IsRemoved = false;
        return drain;
    }

    private void End(BackendDrain drain)
    {
        lock (_gate)
        {
            if (--drain.Calls == 0)
                _ = _drains.Remove((drain.Service, drain.Address));
        }
    }

    private ObjectBatch RemoveDrained(BackendDrain drain)
    {
        var changes = ThrowIfNotDraining(drain).Remove(drain.Address.ToString());
        drain.IsRemoved = true;
        return changes;
    }

    private ServiceObjects ThrowIfNotDraining(BackendDrain drain)
    {
        if (_services.TryGetValue(drain.Service, out var found) && found.Find(drain.Address.ToString()) is { State: BackendState.Terminating })
            return found;
        throw new InvalidOperationException(drain.IsRemoved
            ? $"backend '{drain.Address}' of service {drain.Service} was drained by another call at the same time, which has removed it"
            : $"backend '{drain.Address}' of service {drain.Service} was removed or given another state while it was drained");
    }

    /// <summary>A backend that is being drained. All of it under the lock of the client.</summary>
    private sealed class BackendDrain(ServiceName service, IPAddress address)
    {
        public ServiceName Service { get; } = service;

        public IPAddress Address { get; } = address;

        /// <summary>How many calls drain it.</summary>
        public int Calls { get; set; }

        /// <summary>Whether one of them has removed it.</summary>
        public bool IsRemoved { get; set; }
    }
}
