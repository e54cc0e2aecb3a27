using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Datapath.Linux.Bpf.Ring;

namespace Datapath.Linux.Listening;

/// <summary>Reads what programs tell for as long as it is asked for, which it renews from time to time.</summary>
/// <typeparam name="TRecord">What the programs write.</typeparam>
internal sealed class RingListener<TRecord> : IDisposable
    where TRecord : unmanaged
{
    private static readonly TimeSpan s_renewal = TimeSpan.FromSeconds(1);
    private readonly Lock _gate = new();
    private readonly BpfRingBuffer _ring;
    private readonly IListenerLease _lease;
    private readonly ListenerCount[] _counts;
    private readonly Action _check;
    private readonly ITimer _timer;
    private readonly List<ListeningGap> _gaps = [];
    private ulong _renewedAt;
    private ulong _until;
    private LinuxException? _failure;
    private bool _isDisposed;

    /// <summary>Begins to listen. What an earlier listener left is not told.</summary>
    /// <param name="ring">The ring; it is disposed with this.</param>
    /// <param name="lease">What is asked for; it ends with this, and is disposed.</param>
    /// <param name="counts">What is counted for the listener.</param>
    /// <param name="check">Called from time to time; a <see cref="LinuxException"/> ends the listening and is told to who reads.</param>
    public RingListener(BpfRingBuffer ring, IListenerLease lease, ListenerCount[] counts, Action check)
    {
        (_ring, _lease, _counts, _check) = (ring, lease, counts, check);
        _lease.Sign();
        _ = _ring.Drain(static _ => { });
        foreach (var count in _counts)
            count.Begin();
        Ask(EventClock.Now);
        _timer = TimeProvider.System.CreateTimer(static listener => ((RingListener<TRecord>)listener!).Renew(), this, s_renewal, s_renewal);
    }

    /// <summary>The times in which nothing was told, since it was not asked for in time. Also after <see cref="Dispose"/>.</summary>
    public ImmutableArray<ListeningGap> Gaps
    {
        get
        {
            lock (_gate)
                return [.. _gaps];
        }
    }

    /// <summary>Reads one of the counts. After <see cref="Dispose"/>, as of then.</summary>
    public long Read(ListenerCount count)
    {
        lock (_gate)
            return _isDisposed ? count.Value : count.Read();
    }

    /// <summary>What is told, until this is disposed. One reader at a time.</summary>
    /// <exception cref="LinuxException">The check failed, or the kernel refused to go on.</exception>
    public async IAsyncEnumerable<TRecord> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var record in _ring.ReadAllAsync<TRecord>(cancellationToken).ConfigureAwait(false))
            yield return record;
        if (_failure is { } failure)
            ExceptionDispatchInfo.Throw(failure);
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_isDisposed)
                return;
            _timer.Dispose();
            if (_failure is null) // else it asks for nothing any more, and who reads was told
                NoteGap(EventClock.Now);
            _lease.End(); // before the next listener may sign
            foreach (var count in _counts)
                _ = count.Read();
            _isDisposed = true;
            _ring.Dispose();
            _lease.Dispose();
        }
    }

    private void Renew()
    {
        lock (_gate)
        {
            if (_isDisposed || _failure is not null)
                return;
            try
            {
                _check();
                var now = EventClock.Now;
                NoteGap(now);
                Ask(now);
            }
            catch (LinuxException e)
            {
                _failure = e; // whoever reads is told
                _ring.Dispose();
            }
        }
    }

    private void Ask(ulong now)
    {
        (_renewedAt, _until) = (now, now + EventClock.Lease);
        _lease.Renew(_until);
    }

    // What a program took back in the moment of the last renewal is missing from then on.
    private void NoteGap(ulong now)
    {
        if (_until < now)
            _gaps.Add(new(EventClock.WallTimeOf(_until), EventClock.WallTimeOf(now)));
        else if (_lease.IsTakenBack)
            _gaps.Add(new(EventClock.WallTimeOf(_renewedAt), EventClock.WallTimeOf(now)));
    }
}
