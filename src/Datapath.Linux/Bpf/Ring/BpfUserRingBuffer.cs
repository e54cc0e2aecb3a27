using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Datapath.Linux.Bpf.Ring;

/// <summary>
/// Writes records for programs to a map of <see cref="MapType.UserRingBuffer"/>; a program takes them with <c>bpf_user_ringbuf_drain()</c>, in the order
/// in which they were committed. No record costs a system call. Minimum kernel: 6.1.
/// </summary>
/// <remarks>
/// <para>
/// A ring has one writer: one object of this kind in the whole machine, used by one thread at a time. <see cref="Dispose"/> and
/// <see cref="PendingBytes"/> may be used by any other at any time.
/// </para>
/// <para>
/// Nothing tells a program that there are records: it looks when it runs. To make one look at once, run a <c>syscall</c> program
/// (<see cref="BpfProgram.TestRun"/>).
/// </para>
/// </remarks>
public sealed unsafe class BpfUserRingBuffer : IDisposable
{
    private const int LargestRecord = (1 << 24) - 1; // what the kernel's view of a record can say

    private readonly MapInfo _map;
    private readonly RingMemory _memory;
    private ulong _position; // of the producer
    private int _reserved; // bytes of the record that is handed out; -1 without one
    private volatile bool _isDisposed;

    internal BpfUserRingBuffer(MapInfo map, RingMemory memory)
    {
        (_map, _memory, _reserved) = (map, memory, -1);
        _position = Volatile.Read(ref *memory.Producer);
    }

    /// <summary>The map's name.</summary>
    public string Name => _map.Name;

    /// <summary>Bytes of the ring. Each record takes 8 bytes more than it holds, rounded up to 8.</summary>
    public long Capacity => (long)_memory.Size;

    /// <summary>Bytes of the largest record.</summary>
    public int MaxRecordLength => (int)Math.Min(_memory.Size - RecordHeader.Size, LargestRecord);

    /// <summary>Bytes, headers included, that programs have not taken yet.</summary>
    /// <exception cref="ObjectDisposedException">The ring was disposed.</exception>
    public long PendingBytes
    {
        get
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            var position = Volatile.Read(ref _position);
            return (long)(position - _memory.Read(_memory.Consumer));
        }
    }

    /// <summary>Maps a user ring buffer into this process's memory, to write on where the last writer stopped.</summary>
    /// <param name="map">The map; it may be disposed afterwards.</param>
    /// <exception cref="MapLayoutException">The map is no user ring buffer, or larger than 512 MiB.</exception>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public static BpfUserRingBuffer Open(BpfMap map)
    {
        ArgumentNullException.ThrowIfNull(map);
        RingMemory.ThrowUnlessRing(map, MapType.UserRingBuffer, "is no user ring buffer");
        return new(map.Info, new RingMemory(map, isWriter: true));
    }

    /// <summary>Hands out room for a record in place. Programs see nothing of it until <see cref="Commit"/>.</summary>
    /// <param name="length">Bytes of the record.</param>
    /// <param name="record">The room, aligned to 8. It holds what an older record has left there.</param>
    /// <returns>Whether there is room now; there is again when a program has taken records.</returns>
    /// <remarks>Room that is not committed is free again with the next call.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative, or more than <see cref="MaxRecordLength"/>.</exception>
    /// <exception cref="ObjectDisposedException">The ring was disposed. A span taken before must not be used after this.</exception>
    public bool TryReserve(int length, out Span<byte> record)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, MaxRecordLength);
        ObjectDisposedException.ThrowIf(!_memory.TryBeginUse(), this);
        var used = _position - Volatile.Read(ref *_memory.Consumer); // what a program has read before this, it does not read again
        if (new RecordHeader((uint)length).Stride > _memory.Size - used)
        {
            record = default;
            _reserved = -1;
            _memory.EndUse();
            return false;
        }

        record = new(At(_position) + RecordHeader.Size, length);
        _reserved = length;
        return true;
    }

    /// <summary>Gives the record that <see cref="TryReserve"/> has handed out to programs.</summary>
    /// <exception cref="InvalidOperationException">No record is handed out.</exception>
    /// <exception cref="ObjectDisposedException">The ring was disposed.</exception>
    public void Commit()
    {
        if (_reserved < 0)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            throw new InvalidOperationException("no record is handed out; TryReserve comes first");
        }

        if (_isDisposed)
            ThrowDisposed();
        var header = new RecordHeader((uint)_reserved); // mapped since TryReserve
        *(ulong*)At(_position) = header.Word; // the second word is 0
        _position += header.Stride;
        _reserved = -1;
        Volatile.Write(ref *_memory.Producer, _position); // whoever sees this position sees the record
        _memory.EndUse();
    }

    /// <summary>Writes a record.</summary>
    /// <param name="record">Its bytes.</param>
    /// <returns>Whether there was room.</returns>
    /// <exception cref="ArgumentOutOfRangeException">It has more than <see cref="MaxRecordLength"/>.</exception>
    /// <exception cref="ObjectDisposedException">The ring was disposed.</exception>
    public bool TryWrite(ReadOnlySpan<byte> record)
    {
        if (!TryReserve(record.Length, out var room))
            return false;
        record.CopyTo(room);
        Commit();
        return true;
    }

    /// <summary>Writes a value as a record.</summary>
    /// <typeparam name="T">What the program reads.</typeparam>
    /// <inheritdoc cref="TryWrite(ReadOnlySpan{byte})" path="/returns"/>
    /// <inheritdoc cref="TryWrite(ReadOnlySpan{byte})" path="/exception"/>
    /// <exception cref="MapLayoutException">The type has padding: the program would get what happens to stand there in this process.</exception>
    /// <param name="record">The value.</param>
    public bool TryWrite<[DynamicallyAccessedMembers(PaddingFinder.Fields)] T>(in T record)
        where T : unmanaged
    {
        MapLayoutException.ThrowIfPadded<T>(_map, "record");
        if (!TryReserve(Unsafe.SizeOf<T>(), out var room))
            return false;
        MemoryMarshal.Write(room, in record);
        Commit();
        return true;
    }

    /// <summary>
    /// Unmaps the ring. Records that were committed stay for programs; room that <see cref="TryReserve"/> has handed out can be written to until
    /// the writer's next call, to no effect.
    /// </summary>
    public void Dispose()
    {
        _isDisposed = true;
        _memory.DisposeWhenUnused();
    }

    [DoesNotReturn]
    private void ThrowDisposed()
    {
        _reserved = -1;
        _memory.EndUse();
        throw new ObjectDisposedException(GetType().FullName);
    }

    private byte* At(ulong position) => _memory.Data + (position & (_memory.Size - 1));
}
