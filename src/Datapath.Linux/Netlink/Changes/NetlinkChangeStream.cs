using System.Runtime.CompilerServices;

namespace Datapath.Linux.Netlink;

/// <summary>Makes changes of a notification of the kernel's, or none.</summary>
internal delegate void NetlinkChangeHandler<TChange>(NetlinkMessage message, Queue<TChange> changes);

/// <summary>
/// What the kernel tells to groups of a netlink family, in its order, as changes. If the reader was too late, a change that says so comes in the place of
/// those that are lost, and what follows is complete again.
/// </summary>
/// <typeparam name="TChange">A change.</typeparam>
/// <param name="subscription">Where the kernel tells; it is disposed with this.</param>
/// <param name="read">Reads a notification.</param>
/// <param name="lost">Says that changes were lost.</param>
/// <param name="what">What changes, in words.</param>
internal sealed class NetlinkChangeStream<TChange>(NetlinkSubscription subscription, NetlinkChangeHandler<TChange> read, TChange lost, string what) : IDisposable
{
    private readonly Queue<TChange> _read = new(); // what came with one datagram
    private int _isReading;
    private bool _isBehind; // something was lost, and what the kernel keeps may be older than that

    /// <summary>The changes, until this is disposed. One reader at a time; a later one goes on.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    /// <exception cref="InvalidOperationException">Somebody reads already.</exception>
    /// <exception cref="LinuxException">The kernel refused to go on.</exception>
    public async IAsyncEnumerable<TChange> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
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
                    errno = await subscription.WaitAsync(cancellationToken).ConfigureAwait(false);
                if (errno is Errno.EBADF)
                    yield break;
                if (errno is Errno.ENOBUFS)
                    Lose(cancellationToken);
                else
                    LinuxException.ThrowIfFailed(errno, $"read changes of {what}");
            }
        }
        finally
        {
            Volatile.Write(ref _isReading, 0);
        }
    }

    public void Dispose() => subscription.Dispose();

    private Errno Take()
    {
        try
        {
            var errno = subscription.TryReceive(out var datagram);
            var reader = new NetlinkMessageReader(datagram);
            while (reader.TryRead(out var message))
                read(message, _read);
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
            _isBehind = subscription.Drain(subscription.Capacity, cancellationToken) is Errno.ENOBUFS;
            _read.Enqueue(lost);
        }
        catch (ObjectDisposedException)
        {
            _isBehind = false; // so that the next turn of the loop sees it and ends
        }
    }
}
