using System.Threading.Tasks.Sources;

namespace Datapath.Linux.Bpf.Ring;

/// <summary>Why a wait is over.</summary>
internal enum RingWake
{
    /// <summary>There is a committed record.</summary>
    Ready,

    /// <summary>Whoever waited, or is about to, was asked to come back.</summary>
    Interrupted,

    /// <summary>The ring was disposed.</summary>
    Closed,
}

/// <summary>
/// Waits for records of one ring, one wait at a time, without an object for each. Everything happens under one lock, so that of a record, a
/// cancellation and a disposal that come together exactly one ends the wait.
/// </summary>
/// <param name="memory">The ring.</param>
/// <param name="descriptor">The ring's descriptor, from now on the waiter's.</param>
/// <param name="loop">What to wait with, asked at the first wait and again after a failure; by default the loop of the process.</param>
internal sealed unsafe class RingWaiter(RingMemory memory, SafeBpfHandle descriptor, Func<EpollLoop>? loop = null) : IEpollTarget, IDisposable
{
    private readonly Lock _gate = new();
    private readonly RingWalker _walker = new(memory.Data, memory.Size);
    private Wait? _wait; // the one that is on, or the last
    private EpollRegistration? _registration; // from the first wait on
    private ulong _beyond;
    private bool _isWaiting;
    private bool _isInterrupted;
    private bool _isClosed;

    // For a ring that nobody disposes. Closing the descriptor alone is not enough: an epoll forgets a file only with its last descriptor.
    ~RingWaiter() => Leave();

    public bool IsClosed => Volatile.Read(ref _isClosed);

    /// <summary>Waits until the record at a position is committed, or discarded.</summary>
    /// <param name="beyond">The position after the last record that is of no interest.</param>
    /// <param name="cancellationToken">Ends the wait with an exception.</param>
    /// <exception cref="InvalidOperationException">Somebody waits already.</exception>
    /// <exception cref="LinuxException">The kernel refused to wait.</exception>
    public ValueTask<RingWake> WaitAsync(ulong beyond, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<RingWake>(cancellationToken);
        Wait wait;
        lock (_gate)
        {
            if (_isWaiting)
                throw new InvalidOperationException("somebody waits for this ring buffer already: a ring has one reader at a time");
            if (_isClosed)
                return new(RingWake.Closed);
            if (TakeInterruption())
                return new(RingWake.Interrupted);
            if (IsReady(beyond))
                return new(RingWake.Ready);
            _beyond = beyond;
            // Looks once more, so that a record between IsReady and here is an event.
            if (_registration is not { Loop.Failure: null })
            {
                Leave();
                _registration = (loop?.Invoke() ?? EpollLoop.Shared).Add(descriptor);
            }

            _registration.Target = this; // first: an event may come at once, and waits for the lock then
            var errno = Arm(_registration);
            var failure = _registration.Loop.Failure ?? (errno is Errno.None ? null : new LinuxException("arm a ring buffer in an epoll", errno));
            if (failure is not null)
            {
                _registration.Target = null;
                throw failure;
            }

            if (_wait is not { IsOver: true })
                _wait = new(this); // whoever had the last has not looked at its end yet, and may never
            wait = _wait;
            wait.Begin();
            _isWaiting = true;
        }

        return wait.Task(cancellationToken);
    }

    /// <summary>Ends the wait that is on, or the next one.</summary>
    public void Interrupt()
    {
        lock (_gate)
        {
            _isInterrupted = true;
            if (_isWaiting && TakeInterruption())
                Complete(RingWake.Interrupted);
        }
    }

    /// <summary>Ends the wait that is on, and forgets an interruption: the next reader starts afresh.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _isInterrupted = false;
            if (_isWaiting)
                Complete(RingWake.Interrupted);
        }
    }

    /// <summary>Whether an interruption is due; it is over then.</summary>
    public bool TryTakeInterruption()
    {
        lock (_gate)
            return TakeInterruption();
    }

    public EpollAnswer OnReadable()
    {
        lock (_gate)
        {
            if (!_isWaiting)
                return EpollAnswer.Done;
            if (IsReady(_beyond))
            {
                Complete(RingWake.Ready);
                return EpollAnswer.Done;
            }

            // Empty: the event was of a wait that is over. Else a record is busy, or was examined and kept, and the kernel will not tell of the next.
            return Volatile.Read(ref *memory.Producer) == *memory.Consumer && Arm(_registration!) is Errno.None
                ? EpollAnswer.Done
                : EpollAnswer.AskAgain;
        }
    }

    public void OnFailure(LinuxException failure)
    {
        lock (_gate)
        {
            if (_isWaiting && _registration is { Loop.Failure: not null })
                Fail(failure);
        }
    }

    /// <summary>Ends the wait that is on, and all later ones.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isClosed)
                return;
            _isClosed = true;
            Leave();
            if (_isWaiting)
                Complete(RingWake.Closed);
            descriptor.Dispose();
        }

        GC.SuppressFinalize(this);
    }

    private Errno Arm(EpollRegistration registration) => registration.Loop.Arm(registration, descriptor);

    private void Leave() => _registration?.Loop.Remove(_registration, descriptor);

    private void Cancel(Wait wait, CancellationToken token)
    {
        lock (_gate)
        {
            if (_isWaiting && wait == _wait)
                Fail(new OperationCanceledException(token));
        }
    }

    private void Fail(Exception exception)
    {
        EndWait();
        _wait!.Fail(exception);
    }

    private void Complete(RingWake wake)
    {
        EndWait();
        _wait!.End(wake);
    }

    private void EndWait()
    {
        _isWaiting = false;
        _registration!.Target = null;
    }

    private bool TakeInterruption()
    {
        var isInterrupted = _isInterrupted;
        _isInterrupted = false;
        return isInterrupted;
    }

    // A producer's position that cannot be counts as ready: the reader that comes then says what is wrong.
    private bool IsReady(ulong beyond) => Volatile.Read(ref *memory.Producer) != beyond && !_walker.HeaderAt(beyond).IsBusy;

    /// <summary>A wait, again and again as long as each is looked at when it is over.</summary>
    private sealed class Wait(RingWaiter waiter) : IValueTaskSource<RingWake>
    {
        private ManualResetValueTaskSourceCore<RingWake> _source = new() { RunContinuationsAsynchronously = true };
        private CancellationTokenRegistration _cancellation;
        private bool _isOver;

        public bool IsOver => Volatile.Read(ref _isOver);

        public void Begin()
        {
            _isOver = false;
            _source.Reset();
        }

        // Not under the waiter's lock: a token that was cancelled meanwhile calls back here and now. Whoever gets the result sees this assignment.
        public ValueTask<RingWake> Task(CancellationToken cancellationToken)
        {
            var version = _source.Version;
            _cancellation = cancellationToken.UnsafeRegister(static (state, token) => ((Wait)state!).Cancel(token), this);
            return new(this, version);
        }

        public void End(RingWake wake) => _source.SetResult(wake);

        public void Fail(Exception exception) => _source.SetException(exception);

        RingWake IValueTaskSource<RingWake>.GetResult(short token)
        {
            _cancellation.Dispose(); // after this no callback of this wait runs any more
            try
            {
                return _source.GetResult(token);
            }
            finally
            {
                Volatile.Write(ref _isOver, true);
            }
        }

        ValueTaskSourceStatus IValueTaskSource<RingWake>.GetStatus(short token) => _source.GetStatus(token);

        void IValueTaskSource<RingWake>.OnCompleted(
            Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            _source.OnCompleted(continuation, state, token, flags);

        private void Cancel(CancellationToken token) => waiter.Cancel(this, token);
    }
}
