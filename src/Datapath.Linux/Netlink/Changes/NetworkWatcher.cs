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
    private readonly NetlinkChangeStream<NetworkChange> _stream;
    private volatile bool _isDisposed;

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
        _stream = new(
            new(Nl.NETLINK_ROUTE, groups, options.BufferLength),
            (message, read) =>
            {
                if (NetworkChangeReader.Read(message, changes) is { } change)
                    read.Enqueue(change);
            },
            NetworkChangesLost.Instance,
            "the network");
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
        await foreach (var change in _stream.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            yield return change;
    }

    /// <summary>Ends the watch; a reader's loop comes to its end.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        _stream.Dispose();
    }
}
