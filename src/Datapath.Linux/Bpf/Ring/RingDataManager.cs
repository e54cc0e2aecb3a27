using System.Buffers;

namespace Datapath.Linux.Bpf.Ring;

/// <summary>The data of a ring as memory that the framework can slice. Whoever takes slices keeps the ring mapped.</summary>
internal sealed unsafe class RingDataManager(RingMemory memory) : MemoryManager<byte>
{
    public override Span<byte> GetSpan() => new(memory.Data, checked((int)(2 * memory.Size)));

    // The memory never moves.
    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)elementIndex, 2 * memory.Size);
        return new(memory.Data + elementIndex);
    }

    public override void Unpin()
    {
    }

    /// <summary>The bytes between two positions of the ring.</summary>
    public ReadOnlySequence<byte> Between(ulong start, ulong end) =>
        new(CreateMemory((int)(start & (memory.Size - 1)), (int)(end - start)));

    protected override void Dispose(bool disposing)
    {
    }
}
