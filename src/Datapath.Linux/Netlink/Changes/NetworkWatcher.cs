using System.Runtime.CompilerServices;

namespace Datapath.Linux.Netlink;

/// <summary>
/// Tells what changes in one network namespace: the one in which this object was made, whichever thread reads. Nothing that happens after the
/// constructor is missed, so make the watcher first, list then, and read the changes last; a change that the list shows already may come again.
/// </summary>
/// <remarks>
/// <code>
/// using var watcher = new NetworkWatcher(NetworkChanges.Links);
/// var links = route.ListLinks();
/// await foreach (var change in watcher.ReadAllAsync(stop))
/// {
///     if (change is NetworkChangesLost)
///         links = route.ListLinks();
/// }
/// </code>
/// <para>No thread waits. Needs no capability. Minimum kernel: 5.10.</para>
/// </remarks>
public sealed class NetworkWatcher : IDisposable
{
    private readonly NetlinkSubscription _subscription;
    private readonly NetworkChanges _changes;
    private readonly Queue<NetworkChange> _read = new(); // what came with one datagram
    private int _isReading;
    private volatile bool _isDisposed;
    private bool _isBehind; // something was lost, and what the kernel keeps may be older than that

    /// <summary>Begins to watch the network namespace of the calling thread.</summary>
    /// <param name="changes">What to tell of; at least one.</param>
    /// <param name="options">How; <see langword="null"/> means the defaults.</param>
    /// <exception cref="LinuxException">The kernel refused the socket.</exception>
    public NetworkWatcher(NetworkChanges changes, NetworkWatcherOptions? options = null)
    {
        options ??= new();
        ArgumentOutOfRangeException.ThrowIfNegative(options.BufferLength);
        var groups = NetworkChangeReader.GroupsOf(changes);
        if (groups.Count == 0)
            throw new ArgumentException("there is nothing to watch", nameof(changes));
        _changes = changes;
        _subscription = new(Nl.NETLINK_ROUTE, groups, options.BufferLength);
    }

    /// <summary>The changes since the constructor, in the order of the kernel, until the watcher is disposed. One reader at a time; a later one goes on.</summary>
    /// <param name="cancellationToken">Ends the reading. A change is never lost by this: a later reader gets it.</param>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    /// <exception cref="InvalidOperationException">Somebody reads already.</exception>
    /// <exception cref="ObjectDisposedException">The watcher was disposed before the enumeration began.</exception>
    /// <exception cref="LinuxException">The kernel refused to go on.</exception>
    public async IAsyncEnumerable<NetworkChange> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (Interlocked.Exchange(ref _isReading, 1) != 0)
            throw new InvalidOperationException("Somebody reads these changes already: a watcher has one reader at a time.");
        try
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                while (_read.TryDequeue(out var change))
                {
                    yield return change;
                    cancellationToken.ThrowIfCancellationRequested();
                }

                var errno = _isBehind ? Errno.ENOBUFS : Take();
                if (errno is Errno.EAGAIN)
                    errno = await _subscription.WaitAsync(cancellationToken).ConfigureAwait(false);
                if (errno is Errno.EBADF)
                    yield break;
                if (errno is Errno.ENOBUFS)
                    Lose(cancellationToken);
                else
                    LinuxException.ThrowIfFailed(errno, "read changes of the network");
            }
        }
        finally
        {
            Volatile.Write(ref _isReading, 0);
        }
    }

    /// <summary>Ends the watch; a reader's loop comes to its end.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        _subscription.Dispose();
    }

    private Errno Take()
    {
        try
        {
            var errno = _subscription.TryReceive(out var datagram);
            var reader = new NetlinkMessageReader(datagram);
            while (reader.TryRead(out var message))
            {
                if (NetworkChangeReader.Read(message, _changes) is { } change)
                    _read.Enqueue(change);
            }

            return errno;
        }
        catch (ObjectDisposedException)
        {
            return Errno.EBADF;
        }
    }

    // What is still in the queue is older than what was lost: told after a new listing, it would bring back what is gone.
    private void Lose(CancellationToken cancellationToken)
    {
        _isBehind = true; // if cancelled, the next reader drains
        try
        {
            _isBehind = _subscription.Drain(_subscription.Capacity, cancellationToken) is Errno.ENOBUFS;
            _read.Enqueue(NetworkChangesLost.Instance);
        }
        catch (ObjectDisposedException)
        {
            _isBehind = false; // so that the next turn of the loop sees it and ends
        }
    }
}
