using Datapath.Linux.Netlink;

namespace Datapath.Linux.Masquerade;

/// <summary>
/// Has the devices looked at again when links, addresses or default routes change, in the network namespace of the thread that made it. A look that fails is
/// repeated after a while; so are all looks, if the kernel refuses to tell of changes any more.
/// </summary>
internal sealed class DeviceWatcher : IDisposable
{
    private readonly NetworkWatcher _watcher;
    private readonly Action _look;
    private readonly ITimer _again;
    private volatile string? _failure;
    private volatile string? _deafness; // why the kernel tells of no changes any more
    private volatile bool _isDisposed;
    private int _isDue;

    /// <summary>Begins to watch; what changes from here on is told after <see cref="Start"/>.</summary>
    /// <param name="asksRoutes">Whether default routes matter.</param>
    /// <param name="look">Looks at the devices. It may throw a <see cref="LinuxException"/>.</param>
    public DeviceWatcher(bool asksRoutes, Action look)
    {
        _look = look;
        _watcher = new(NetworkChanges.Links | NetworkChanges.Addresses | (asksRoutes ? NetworkChanges.Routes : NetworkChanges.None));
        _again = TimeProvider.System.CreateTimer(static watcher => ((DeviceWatcher)watcher!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>After what time a look that failed is repeated. Default: 5 s.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Why the last look failed, or the watch is over; <see langword="null"/> if all is well.</summary>
    public string? Failure => _failure ?? _deafness;

    /// <summary>Reads changes until this is disposed.</summary>
    public async void Start()
    {
        try
        {
            await foreach (var change in _watcher.ReadAllAsync().ConfigureAwait(false))
            {
                // Of many changes one after the other, those that come while the devices are looked at are one.
                if (Matters(change) && Interlocked.Exchange(ref _isDue, 1) == 0)
                    _ = ThreadPool.UnsafeQueueUserWorkItem(static watcher => watcher.Look(), this, preferLocal: false);
            }
        }
        catch (LinuxException e)
        {
            _deafness = e.Message;
            LookLater();
        }
    }

    public void Dispose()
    {
        _isDisposed = true;
        _again.Dispose();
        _watcher.Dispose();
    }

    private static bool Matters(NetworkChange change) => change is not RouteChange route || DeviceSearch.IsDefault(route.Route);

    private void Look()
    {
        Volatile.Write(ref _isDue, 0);
        try
        {
            _look();
            _failure = null;
        }
        catch (LinuxException e)
        {
            _failure = e.Message;
        }
        catch (ObjectDisposedException) when (_isDisposed)
        {
            return; // nobody is to be told any more
        }

        if (Failure is not null)
            LookLater();
    }

    private void LookLater() => _ = _again.Change(Patience, Timeout.InfiniteTimeSpan);
}
