using Datapath.Linux.Netlink;

namespace Datapath.Linux.Masquerade;

/// <summary>
/// Has a table looked at when others change it, in the network namespace of the thread that made this. A look that fails is repeated after a while; so are all
/// looks, if the kernel refuses to tell of changes any more.
/// </summary>
internal sealed class TableGuard : IDisposable
{
    // Somebody who does the same as this one would otherwise keep both busy.
    private const int MostAtOnce = 10;

    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    private readonly NftWatcher _watcher;
    private readonly Func<NftChange, bool> _look;
    private readonly Action _looked;
    private readonly CancellationTokenSource _stop = new();
    private readonly TimeProvider _time = TimeProvider.System;
    private volatile string? _failure;
    private volatile string? _deafness; // why the kernel tells of no changes any more
    private double _left = MostAtOnce;
    private long _filledAt;

    /// <summary>Begins to watch; what changes from here on is told after <see cref="Start"/>.</summary>
    /// <param name="table">The table.</param>
    /// <param name="ownPort">The socket whose changes do not matter.</param>
    /// <param name="look">Looks at the table, and tells whether it had to do something. It may throw a <see cref="LinuxException"/>.</param>
    /// <param name="looked">Told after each look, also one that failed, and when the kernel tells of changes no more.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public TableGuard(string table, uint ownPort, Func<NftChange, bool> look, Action looked)
    {
        (_look, _looked) = (look, looked);
        _filledAt = _time.GetTimestamp();
        _watcher = new(table, ownPort);
    }

    /// <summary>After what time a look that failed is repeated. Default: 1 s.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Why the last look failed; <see langword="null"/> if it did not.</summary>
    public string? Failure => _failure;

    /// <summary>Why the kernel tells of no changes any more; <see langword="null"/> if it does.</summary>
    public string? Deafness => _deafness;

    /// <summary>Reads changes until this is disposed.</summary>
    public async void Start()
    {
        var stop = _stop.Token;
        try
        {
            try
            {
                await foreach (var change in _watcher.ReadAllAsync().ConfigureAwait(false))
                    await LookAsync(change, stop).ConfigureAwait(false);
            }
            catch (LinuxException e)
            {
                _deafness = e.Message;
                _looked();
            }

            while (_deafness is not null)
            {
                await Task.Delay(Patience, _time, stop).ConfigureAwait(false);
                await LookAsync(new(null, 0, AreLost: true), stop).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // nobody is to be told any more
        }
    }

    public void Dispose()
    {
        _stop.Cancel(); // not disposed: the loop may still ask it
        _watcher.Dispose();
    }

    private async Task LookAsync(NftChange change, CancellationToken stop)
    {
        while (!Look(change))
            await Task.Delay(Patience, _time, stop).ConfigureAwait(false);
        if (_left < 1)
            await Task.Delay(s_pause, _time, stop).ConfigureAwait(false);
    }

    private bool Look(NftChange change)
    {
        var isDone = TryLook(change);
        _looked();
        return isDone;
    }

    private bool TryLook(NftChange change)
    {
        try
        {
            Spend(_look(change) ? 1 : 0);
            _failure = null;
            return true;
        }
        catch (LinuxException e)
        {
            _failure = e.Message;
            return false;
        }
        catch (ObjectDisposedException) when (_stop.IsCancellationRequested)
        {
            return true;
        }
    }

    // One comes back each second.
    private void Spend(int count)
    {
        var now = _time.GetTimestamp();
        _left = Math.Min(MostAtOnce, _left + (_time.GetElapsedTime(_filledAt, now) / s_pause)) - count;
        _filledAt = now;
    }
}
