using System.Runtime.InteropServices;
using Datapath.Linux.Bpf.Ring;

namespace Datapath.Bench.Rings;

/// <summary>In place, by a handler that is a struct.</summary>
internal sealed class DrainReader(BpfRingBuffer ring) : IEventReader
{
    public string Name => "Drain, struct handler";

    public async ValueTask<ulong> ReadAsync(long count, CancellationToken cancellation)
    {
        var handler = default(Adder);
        while (count > 0)
        {
            count -= ring.Drain(ref handler);
            if (count > 0)
                _ = await ring.WaitToReadAsync(cancellation).ConfigureAwait(false);
        }

        return handler.Sum;
    }

    private struct Adder : IRingRecordHandler
    {
        public ulong Sum;

        public void Handle(ReadOnlySpan<byte> record)
        {
            ref readonly var e = ref MemoryMarshal.AsRef<Event>(record);
            Sum += e.First + e.Last;
        }
    }
}

/// <summary>In place, by a delegate.</summary>
internal sealed class DelegateReader(BpfRingBuffer ring) : IEventReader
{
    private ulong _sum;
    private RingRecordHandler? _handler;

    public string Name => "Drain, delegate";

    public async ValueTask<ulong> ReadAsync(long count, CancellationToken cancellation)
    {
        _handler ??= Add;
        _sum = 0;
        while (count > 0)
        {
            count -= ring.Drain(_handler);
            if (count > 0)
                _ = await ring.WaitToReadAsync(cancellation).ConfigureAwait(false);
        }

        return _sum;
    }

    private void Add(ReadOnlySpan<byte> record)
    {
        ref readonly var e = ref MemoryMarshal.AsRef<Event>(record);
        _sum += e.First + e.Last;
    }
}

/// <summary>In place, one by one.</summary>
internal sealed class HandReader(BpfRingBuffer ring) : IEventReader
{
    public string Name => "TryRead and Advance";

    public async ValueTask<ulong> ReadAsync(long count, CancellationToken cancellation)
    {
        var sum = 0UL;
        while (count > 0)
        {
            count -= Read(ref sum);
            if (count > 0)
                _ = await ring.WaitToReadAsync(cancellation).ConfigureAwait(false);
        }

        return sum;
    }

    private long Read(ref ulong sum)
    {
        var count = 0L;
        for (; ring.TryRead(out var record); count++)
        {
            ref readonly var e = ref MemoryMarshal.AsRef<Event>(record);
            sum += e.First + e.Last;
            ring.Advance();
        }

        return count;
    }
}

/// <summary>In place, as a pipe.</summary>
internal sealed class PipeEventReader(BpfRingBuffer ring) : IEventReader
{
    public string Name => "PipeReader, RingRecords";

    public async ValueTask<ulong> ReadAsync(long count, CancellationToken cancellation)
    {
        var reader = ring.OpenReader();
        var sum = 0UL;
        while (count > 0)
        {
            var result = await reader.ReadAsync(cancellation).ConfigureAwait(false);
            foreach (var record in new RingRecords(result.Buffer))
            {
                ref readonly var e = ref record.As<Event>();
                sum += e.First + e.Last;
                count--;
            }

            reader.AdvanceTo(result.Buffer.End);
        }

        await reader.CompleteAsync().ConfigureAwait(false);
        return sum;
    }
}

/// <summary>Copies, many for an await.</summary>
internal sealed class BatchReader(BpfRingBuffer ring) : IEventReader
{
    public string Name => "ReadBatchesAsync<T>";

    public async ValueTask<ulong> ReadAsync(long count, CancellationToken cancellation)
    {
        var sum = 0UL;
        await foreach (var batch in ring.ReadBatchesAsync<Event>(cancellationToken: cancellation).ConfigureAwait(false))
        {
            foreach (ref readonly var e in batch.Span)
                sum += e.First + e.Last;
            count -= batch.Length;
            if (count <= 0)
                break;
        }

        return sum;
    }
}

/// <summary>Copies, one for an await.</summary>
internal sealed class SingleReader(BpfRingBuffer ring) : IEventReader
{
    public string Name => "ReadAllAsync<T>";

    public async ValueTask<ulong> ReadAsync(long count, CancellationToken cancellation)
    {
        var sum = 0UL;
        await foreach (var e in ring.ReadAllAsync<Event>(cancellation).ConfigureAwait(false))
        {
            sum += e.First + e.Last;
            if (--count <= 0)
                break;
        }

        return sum;
    }
}
