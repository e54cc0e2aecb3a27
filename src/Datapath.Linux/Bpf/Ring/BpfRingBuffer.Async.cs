using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Datapath.Linux.Bpf.Ring;

public sealed partial class BpfRingBuffer
{
    /// <summary>
    /// Waits until there is a record to read. All rings of a process wait on one thread. A program that commits with
    /// <c>BPF_RB_NO_WAKEUP</c> wakes nobody.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait with an exception.</param>
    /// <returns><see langword="false"/> if the ring was disposed.</returns>
    /// <exception cref="InvalidOperationException">Somebody waits already, or a pipe or an enumeration is reading the ring.</exception>
    /// <exception cref="ObjectDisposedException">The ring was disposed before.</exception>
    /// <exception cref="LinuxException">The kernel refused to wait.</exception>
    public ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default)
    {
        ThrowUnlessFree();
        var wait = _waiter.WaitAsync(_position, cancellationToken);
        return wait.IsCompletedSuccessfully ? new(wait.Result is not RingWake.Closed) : AwaitAsync(wait);

        [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
        static async ValueTask<bool> AwaitAsync(ValueTask<RingWake> wait) => await wait.ConfigureAwait(false) is not RingWake.Closed;
    }

    /// <summary>The ring as a pipe. It is the ring's only reader until it is completed.</summary>
    /// <exception cref="InvalidOperationException">A pipe or an enumeration is reading the ring.</exception>
    /// <exception cref="ObjectDisposedException">The ring was disposed.</exception>
    public BpfRingReader OpenReader() => new(new PipeAccess(this));

    /// <summary>Copies records out one by one, for as long as the ring is open. There is no allocation for a record.</summary>
    /// <typeparam name="T">What the program writes; every record must have its size.</typeparam>
    /// <param name="cancellationToken">Ends the enumeration with an exception.</param>
    /// <exception cref="MapLayoutException">The type does not keep the order of its fields, as a tuple.</exception>
    /// <exception cref="RecordSizeException">A record has another size. It is passed over: a new enumeration goes on after it.</exception>
    /// <exception cref="CorruptRingException">The ring's memory holds nonsense.</exception>
    /// <exception cref="InvalidOperationException">A pipe or another enumeration is reading the ring.</exception>
    /// <exception cref="ObjectDisposedException">The ring was disposed before the enumeration began.</exception>
    public async IAsyncEnumerable<T> ReadAllAsync<T>([EnumeratorCancellation] CancellationToken cancellationToken = default)
        where T : unmanaged
    {
        MapLayoutException.ThrowIfArranged<T>(Name);
        using var reading = Take();
        do
        {
            while (MayGoOn(cancellationToken) && TryTake<T>(out var value))
                yield return value;
        }
        while (await _waiter.WaitAsync(_position, cancellationToken).ConfigureAwait(false) is not RingWake.Closed);
    }

    /// <summary>
    /// Copies records out in batches of what is there, for as long as the ring is open. There is no allocation for a batch: all share one array.
    /// </summary>
    /// <typeparam name="T">What the program writes; every record must have its size.</typeparam>
    /// <param name="maxRecords">The largest batch.</param>
    /// <param name="cancellationToken">Ends the enumeration with an exception.</param>
    /// <returns>Batches of one record or more; each is valid until the next is asked for.</returns>
    /// <exception cref="MapLayoutException">The type does not keep the order of its fields, as a tuple.</exception>
    /// <exception cref="RecordSizeException">A record has another size. It is passed over: a new enumeration goes on after it.</exception>
    /// <exception cref="CorruptRingException">The ring's memory holds nonsense.</exception>
    /// <exception cref="InvalidOperationException">A pipe or another enumeration is reading the ring.</exception>
    /// <exception cref="ObjectDisposedException">The ring was disposed before the enumeration began.</exception>
    public IAsyncEnumerable<ReadOnlyMemory<T>> ReadBatchesAsync<T>(int maxRecords = 256, CancellationToken cancellationToken = default)
        where T : unmanaged
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxRecords);
        MapLayoutException.ThrowIfArranged<T>(Name);
        return ReadBatchesCoreAsync<T>(maxRecords, cancellationToken);
    }

    private async IAsyncEnumerable<ReadOnlyMemory<T>> ReadBatchesCoreAsync<T>(int maxRecords, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : unmanaged
    {
        using var reading = Take();
        var batch = new T[maxRecords];
        do
        {
            int count;
            while (MayGoOn(cancellationToken) && (count = Fill(batch)) > 0)
                yield return batch.AsMemory(0, count);
        }
        while (await _waiter.WaitAsync(_position, cancellationToken).ConfigureAwait(false) is not RingWake.Closed);
    }

    // Asked before records are taken out: whoever is cancelled leaves them to the next reader.
    private bool MayGoOn(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return !_waiter.IsClosed;
    }

    private int Fill<T>(T[] batch)
        where T : unmanaged
    {
        var count = 0;
        while (count < batch.Length && TryReadCore(out var record))
        {
            if (record.Length != Unsafe.SizeOf<T>() && count > 0)
                break; // what came before it is handed out first
            var length = record.Length;
            if (length == Unsafe.SizeOf<T>())
                batch[count++] = MemoryMarshal.Read<T>(record);
            AdvanceCore();
            ThrowIfSizeDiffers<T>(length);
        }

        return count;
    }

    private bool TryTake<T>(out T value)
        where T : unmanaged
    {
        if (!TryReadCore(out var record))
        {
            value = default;
            return false;
        }

        var length = record.Length;
        value = length == Unsafe.SizeOf<T>() ? MemoryMarshal.Read<T>(record) : default;
        AdvanceCore();
        ThrowIfSizeDiffers<T>(length);
        return true;
    }

    private static void ThrowIfSizeDiffers<T>(int length)
        where T : unmanaged
    {
        if (length != Unsafe.SizeOf<T>())
            throw new RecordSizeException(typeof(T).Name, Unsafe.SizeOf<T>(), length);
    }

    /// <summary>What a pipe may do with a ring, and its right to.</summary>
    internal sealed class PipeAccess : IDisposable
    {
        private readonly BpfRingBuffer _ring;
        private readonly ReadingLease _lease;

        public PipeAccess(BpfRingBuffer ring) => (_ring, _lease, Data) = (ring, ring.Take(), new(ring._memory));

        public RingDataManager Data { get; }

        public RingWaiter Waiter => _ring._waiter;

        public ulong Position => _ring._position;

        public unsafe ulong FindCommitted(ulong position, ulong most)
        {
            var end = Volatile.Read(ref *_ring._memory.Producer);
            _ring._walker.ThrowUnlessPossible(_ring._position, end);
            return _ring._walker.FindCommitted(position, end, most);
        }

        public bool IsBoundary(ulong position) => _ring._walker.IsBoundary(position, _ring._position);

        public void Advance(ulong position) => _ring.Publish(position);

        public void Dispose() => _lease.Dispose();
    }
}
