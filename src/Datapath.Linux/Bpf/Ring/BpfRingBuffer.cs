using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Datapath.Linux.Bpf.Ring;

/// <summary>
/// Reads what programs write to a map of <see cref="MapType.RingBuffer"/>, in place and in the order of their reservations. Minimum kernel: 5.8.
/// </summary>
/// <remarks>
/// <para>
/// A ring has one reader: one object of this kind in the whole machine, used by one thread at a time. A second object in this process is
/// refused; of other processes nobody knows. <see cref="Dispose"/> and <see cref="PendingBytes"/> may be used by any other thread at any time.
/// </para>
/// <para>
/// Space is free for programs once the reader has passed it. While the ring is full, reservations fail and events are lost; the kernel does not
/// count them, so the program should (see <see cref="LostCounter"/>). A record that is reserved and not yet committed holds up those behind it.
/// </para>
/// </remarks>
public sealed unsafe partial class BpfRingBuffer : IDisposable
{
    private readonly RingMemory _memory;
    private readonly RingWalker _walker;
    private readonly RingWaiter _waiter;
    private readonly RingClaim? _claim;
    private readonly ulong _publishEvery;
    private ulong _position; // of the consumer; in the shared page it may be older
    private ulong _end; // of the producer, when last looked at
    private ulong _stride; // of the record that TryRead has handed out
    private int _isTaken;
    private volatile bool _isDisposed;

    internal BpfRingBuffer(string name, RingMemory memory, SafeBpfHandle descriptor, RingClaim? claim = null)
    {
        (Name, _memory, _claim) = (name, memory, claim);
        _walker = new(memory.Data, memory.Size);
        _waiter = new(memory, descriptor);
        // Each publication takes a cache line away from the producers; none for long keeps space from them.
        _publishEvery = Math.Min(memory.Size / 8, 16 * 1024);
        _position = _end = Volatile.Read(ref *memory.Consumer);
    }

    /// <summary>The map's name.</summary>
    public string Name { get; }

    /// <summary>Bytes of the ring. Each record takes 8 bytes more than it holds, rounded up to 8; the largest holds 16 less than this.</summary>
    public long Capacity => (long)_memory.Size;

    /// <summary>Bytes, headers included, that programs have reserved and the reader has not passed.</summary>
    /// <exception cref="ObjectDisposedException">The ring was disposed.</exception>
    public long PendingBytes
    {
        get
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return (long)(_memory.Read(_memory.Producer) - Volatile.Read(ref _position));
        }
    }

    /// <summary>Maps a ring buffer into this process's memory, to read on where the last reader stopped.</summary>
    /// <param name="map">The map; it may be disposed afterwards.</param>
    /// <exception cref="MapLayoutException">The map is no ring buffer, or larger than 512 MiB.</exception>
    /// <exception cref="InvalidOperationException">
    /// Somebody in this process reads the map already: another object that is not disposed, or whose pipe or enumeration has not ended.
    /// </exception>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public static BpfRingBuffer Open(BpfMap map)
    {
        ArgumentNullException.ThrowIfNull(map);
        RingMemory.ThrowUnlessRing(map, MapType.RingBuffer, "is no ring buffer");

        var claim = RingClaim.Take(map.Info);
        SafeBpfHandle? descriptor = null;
        try
        {
            descriptor = Duplicate(map);
            return new(map.Info.Name, new RingMemory(map), descriptor, claim);
        }
        catch
        {
            descriptor?.Dispose();
            claim.Dispose();
            throw;
        }
    }

    /// <summary>Hands out the next record in place, until <see cref="Advance"/>; without that it is the same record again.</summary>
    /// <param name="record">Its bytes in the ring, aligned to 8.</param>
    /// <returns>Whether there is one: <see langword="false"/> if the ring is empty or its next record not yet committed.</returns>
    /// <exception cref="CorruptRingException">The ring's memory holds nonsense.</exception>
    /// <exception cref="InvalidOperationException">A pipe or an enumeration is reading the ring.</exception>
    /// <exception cref="ObjectDisposedException">The ring was disposed. A span taken before must not be used after this.</exception>
    public bool TryRead(out ReadOnlySpan<byte> record)
    {
        if (_isTaken != 0)
            ThrowTaken();
        ObjectDisposedException.ThrowIf(!_memory.TryBeginUse(), this);
        if (TryReadCore(out record)) // no finally for a corrupt ring, it would cost a fifth: the use ends with the next call or with the object
            return true;
        EndHandOut();
        return false;
    }

    /// <summary>Releases the record that <see cref="TryRead"/> has handed out: programs may write over it.</summary>
    /// <exception cref="InvalidOperationException">No record is handed out.</exception>
    /// <exception cref="ObjectDisposedException">The ring was disposed.</exception>
    public void Advance()
    {
        if (_isDisposed)
            ThrowDisposed();
        if (_isTaken != 0)
            ThrowTaken();
        if (_stride == 0)
            throw new InvalidOperationException("no record is handed out; TryRead comes first");
        AdvanceCore(); // mapped since TryRead
        _memory.EndUse();
    }

    /// <summary>Hands every record that is there to a handler. A record at which the handler throws is passed.</summary>
    /// <param name="handler">Takes the records.</param>
    /// <param name="maxRecords">Stop after so many.</param>
    /// <returns>How many records were handled.</returns>
    /// <exception cref="CorruptRingException">The ring's memory holds nonsense.</exception>
    /// <exception cref="InvalidOperationException">A pipe or an enumeration is reading the ring, or the handler calls back into it.</exception>
    /// <exception cref="ObjectDisposedException">The ring was disposed.</exception>
    public int Drain(RingRecordHandler handler, int maxRecords = int.MaxValue)
    {
        ArgumentNullException.ThrowIfNull(handler);
        var target = new DelegateHandler(handler);
        return Drain(ref target, maxRecords);
    }

    /// <inheritdoc cref="Drain(RingRecordHandler, int)"/>
    /// <typeparam name="THandler">The handler; a struct is called without indirection.</typeparam>
    public int Drain<THandler>(ref THandler handler, int maxRecords = int.MaxValue)
        where THandler : IRingRecordHandler, allows ref struct
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxRecords);
        using var reading = Take();
        var walker = _walker;
        var consumer = _memory.Consumer;
        var producer = _memory.Producer;
        var position = _position;
        var count = 0;
        try
        {
            var unpublished = position;
            while (count < maxRecords)
            {
                var end = Volatile.Read(ref *producer);
                if (end == position)
                    break;
                walker.ThrowUnlessPossible(position, end);
                while (position != end && count < maxRecords)
                {
                    var header = walker.HeaderAt(position);
                    if (header.IsBusy)
                        return count;
                    header.ThrowIfLongerThan(end - position, position);
                    var record = walker.RecordAt(position, header.Length);
                    position += header.Stride;
                    if (!header.IsDiscarded)
                    {
                        count++;
                        handler.Handle(record);
                    }

                    if (position - unpublished >= _publishEvery)
                        Volatile.Write(ref *consumer, unpublished = position);
                }
            }

            return count;
        }
        finally
        {
            Publish(position);
        }
    }

    /// <summary>
    /// Ends reading. Whoever waits is told that there is nothing more; the memory goes when a pipe or an enumeration that still reads it ends, and
    /// a record that <see cref="TryRead"/> has handed out stays readable until the reader's next call.
    /// </summary>
    public void Dispose()
    {
        _isDisposed = true;
        _waiter.Dispose();
        _memory.DisposeWhenUnused();
        if (Volatile.Read(ref _isTaken) == 0) // else when that ends: it sees that the ring is disposed, because of the barrier just passed
            _claim?.Dispose();
    }

    // The descriptor of our own: epoll knows a file by it for as long as we wait.
    private static SafeBpfHandle Duplicate(BpfMap map)
    {
        using var lease = map.Handle.Lease();
        var fd = Libc.fcntl((int)lease.Fd, Libc.F_DUPFD_CLOEXEC, 3);
        BpfException.ThrowIfFailed(fd < 0 ? (Errno)Marshal.GetLastPInvokeError() : Errno.None, $"duplicate the descriptor of map '{map.Info.Name}'");
        return new(fd);
    }

    private bool TryReadCore(out ReadOnlySpan<byte> record)
    {
        if (_position == _end)
        {
            _end = Volatile.Read(ref *_memory.Producer);
            _walker.ThrowUnlessPossible(_position, _end);
        }

        var position = _position;
        var isFound = _walker.TryFind(ref position, _end, out var header);
        if (position != _position)
            Publish(position); // past discarded ones
        if (!isFound)
        {
            record = default;
            return false;
        }

        record = _walker.RecordAt(position, header.Length);
        _stride = header.Stride;
        return true;
    }

    private void AdvanceCore()
    {
        Publish(_position + _stride);
        _stride = 0;
    }

    // Whatever was read before this write has been read when a program sees the space free.
    private void Publish(ulong position)
    {
        _position = position;
        if ((long)(_end - position) < 0)
            _end = position;
        Volatile.Write(ref *_memory.Consumer, position);
    }

    private void EndHandOut()
    {
        _stride = 0;
        _memory.EndUse();
    }

    private void ThrowUnlessFree()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_isTaken != 0)
            ThrowTaken();
    }

    private ReadingLease Take()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (Interlocked.Exchange(ref _isTaken, 1) != 0)
            ThrowTaken();
        var lease = new ReadingLease(this);
        if (_stride != 0)
            EndHandOut();
        return lease;
    }

    private void EndTaking()
    {
        Volatile.Write(ref _isTaken, 0);
        if (_isDisposed)
            _claim?.Dispose();
    }

    [DoesNotReturn]
    private void ThrowDisposed()
    {
        EndHandOut();
        throw new ObjectDisposedException(GetType().FullName);
    }

    private void ThrowTaken() => throw new InvalidOperationException($"ring buffer '{Name}' is being read: a ring has one reader at a time");

    private readonly struct DelegateHandler(RingRecordHandler handler) : IRingRecordHandler
    {
        private readonly RingRecordHandler _handler = handler;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Handle(ReadOnlySpan<byte> record) => _handler(record);
    }

    /// <summary>The right to read, and the memory kept mapped meanwhile.</summary>
    private readonly struct ReadingLease : IDisposable
    {
        private readonly BpfRingBuffer _ring;

        public ReadingLease(BpfRingBuffer ring)
        {
            _ring = ring;
            var isHeld = false;
            try
            {
                ring._memory.DangerousAddRef(ref isHeld);
            }
            finally
            {
                if (!isHeld)
                    ring.EndTaking();
            }
        }

        public void Dispose()
        {
            _ring._stride = 0;
            _ring.EndTaking();
            _ring._memory.DangerousRelease();
        }
    }
}
