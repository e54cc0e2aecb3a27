using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Datapath.Linux.Bpf.Ring;

/// <summary>
/// A ring buffer as a pipe. What is read lies in the ring itself, nothing is copied; it is a run of whole records with their headers, so take it
/// apart with <see cref="RingRecords"/>. Advancing gives the space back to the programs.
/// </summary>
/// <remarks>
/// <para>A position to advance to must be one where a record ends. One read brings about 64 KiB of records at most, or a single larger one.</para>
/// <para>
/// Advance over everything that was read where that is possible: the kernel wakes only a reader that has caught up, so with records kept
/// back the wait for more looks once in a millisecond. The same holds for programs that commit with <c>BPF_RB_NO_WAKEUP</c>, of which an idle reader
/// is never told.
/// </para>
/// <para>Once the ring is disposed, reads return an empty buffer that <see cref="ReadResult.IsCompleted"/>.</para>
/// Minimum kernel: 5.8.
/// </remarks>
public sealed class BpfRingReader : PipeReader
{
    private const ulong Most = 64 * 1024;

    private readonly BpfRingBuffer.PipeAccess _ring;
    private readonly Lock _gate = new(); // for what any thread may call
    private ReadOnlySequence<byte> _buffer;
    private ulong _end; // of what was handed out
    private ulong _examined;
    private bool _isReading;
    private volatile bool _isCompleted;

    internal BpfRingReader(BpfRingBuffer.PipeAccess ring)
    {
        _ring = ring;
        _end = _examined = ring.Position;
    }

    /// <inheritdoc/>
    /// <exception cref="CorruptRingException">The ring's memory holds nonsense.</exception>
    public override bool TryRead(out ReadResult result)
    {
        ThrowUnlessReadable();
        if (_ring.Waiter.TryTakeInterruption())
        {
            result = Result(isCanceled: true);
            return true;
        }

        if (_ring.Waiter.IsClosed)
        {
            result = Result(isCompleted: true);
            return true;
        }

        var end = _ring.FindCommitted(_end, Most);
        if (end == _examined)
        {
            result = default;
            return false;
        }

        _end = end;
        result = Result();
        return true;
    }

    /// <inheritdoc/>
    /// <exception cref="CorruptRingException">The ring's memory holds nonsense.</exception>
    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<ReadResult>(cancellationToken);
        return TryRead(out var result) ? new(result) : WaitAndReadAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">No record ends at <paramref name="consumed"/>.</exception>
    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (_isCompleted)
            return; // what a read returned that Complete has ended
        if (!_isReading)
            throw new InvalidOperationException("nothing is read: AdvanceTo follows a read");
        var isConsumed = (ulong)_buffer.Slice(_buffer.Start, consumed).Length;
        var isExamined = (ulong)_buffer.Slice(consumed, examined).Length + isConsumed;
        var start = _ring.Position;
        if (start + isConsumed != _end && !_ring.IsBoundary(start + isConsumed))
            throw new ArgumentException("no record ends at this position", nameof(consumed));
        _examined = start + isExamined;
        _buffer = default;
        _isReading = false;
        _ring.Advance(start + isConsumed);
    }

    /// <inheritdoc/>
    public override void CancelPendingRead()
    {
        lock (_gate)
        {
            if (!_isCompleted)
                _ring.Waiter.Interrupt();
        }
    }

    /// <summary>Ends reading, also a read that waits: it returns an empty buffer that <see cref="ReadResult.IsCompleted"/>. The ring stays open, and another reader may go on where this one has advanced to.</summary>
    /// <param name="exception">Nobody is told of it: the kernel has no ear for it.</param>
    public override void Complete(Exception? exception = null)
    {
        lock (_gate)
        {
            if (_isCompleted)
                return;
            _isCompleted = true;
            _ring.Waiter.Stop();
        }

        _isReading = false;
        _buffer = default;
        _ring.Dispose();
    }

    // Pooled: a wait is no reason for garbage.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> WaitAndReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var wake = await _ring.Waiter.WaitAsync(_examined, cancellationToken).ConfigureAwait(false);
            if (_isCompleted)
                return new(default, isCanceled: false, isCompleted: true);
            switch (wake)
            {
                case RingWake.Interrupted:
                    return Result(isCanceled: true);
                case RingWake.Closed:
                    return Result(isCompleted: true);
                default:
                    if (TryRead(out var result))
                        return result;
                    break;
            }
        }
    }

    private ReadResult Result(bool isCanceled = false, bool isCompleted = false)
    {
        _isReading = true;
        _buffer = _ring.Data.Between(_ring.Position, _end);
        return new(_buffer, isCanceled, isCompleted);
    }

    private void ThrowUnlessReadable()
    {
        if (_isCompleted)
            throw new InvalidOperationException("the reader is completed");
        if (_isReading)
            throw new InvalidOperationException("what was read last is not advanced over yet");
    }
}
