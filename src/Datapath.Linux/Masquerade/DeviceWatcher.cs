using Datapath.Linux.Netlink;

namespace Datapath.Linux.Masquerade;

/// <summary>Has the devices looked at again when links, addresses or default routes change, in the network namespace of the thread that made it.</summary>
internal sealed class DeviceWatcher : IDisposable
{
    private readonly NetworkWatcher _watcher;
    private readonly Action _look;
    private int _isDue;

    /// <summary>Begins to watch; what changes from here on is told after <see cref="Start"/>.</summary>
    /// <param name="asksRoutes">Whether default routes matter.</param>
    /// <param name="look">Looks at the devices. It must not throw.</param>
    public DeviceWatcher(bool asksRoutes, Action look)
    {
        _look = look;
        _watcher = new(NetworkChanges.Links | NetworkChanges.Addresses | (asksRoutes ? NetworkChanges.Routes : NetworkChanges.None));
    }

    /// <summary>Reads changes until this is disposed.</summary>
    /// <param name="failed">Told if the kernel refuses to go on.</param>
    public async void Start(Action<LinuxException> failed)
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
            failed(e);
        }
    }

    public void Dispose() => _watcher.Dispose();

    private static bool Matters(NetworkChange change) => change is not RouteChange route || DeviceSearch.IsDefault(route.Route);

    private void Look()
    {
        Volatile.Write(ref _isDue, 0);
        _look();
    }
}
