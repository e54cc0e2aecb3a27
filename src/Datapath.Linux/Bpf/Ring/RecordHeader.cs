using System.Diagnostics.CodeAnalysis;

namespace Datapath.Linux.Bpf.Ring;

/// <summary>The first word of a record's header: 30 bits of length, and two marks. A second word, the kernel's own, follows it.</summary>
/// <param name="Word">The word as it stands in the ring.</param>
internal readonly record struct RecordHeader(uint Word)
{
    /// <summary>Bytes of a header.</summary>
    public const int Size = 8;

    /// <summary>Reserved and not yet committed.</summary>
    public const uint BusyBit = 1U << 31;

    /// <summary>Given up by the program that reserved it.</summary>
    public const uint DiscardBit = 1U << 30;

    public bool IsBusy => (Word & BusyBit) != 0;

    public bool IsDiscarded => (Word & DiscardBit) != 0;

    /// <summary>Bytes of the record itself.</summary>
    public int Length => (int)(Word & ~(BusyBit | DiscardBit));

    /// <summary>Bytes from this header to the next: records start at multiples of 8.</summary>
    public ulong Stride => ((ulong)Length + Size + 7) & ~7UL;

    /// <summary>Refuses a record that reaches over what the producer has reserved.</summary>
    public void ThrowIfLongerThan(ulong reserved, ulong position)
    {
        if (Stride > reserved)
            ThrowCorrupt(reserved, position);
    }

    [DoesNotReturn]
    private void ThrowCorrupt(ulong reserved, ulong position) =>
        throw new CorruptRingException($"the record at {position} has {Length} bytes, of which {reserved} with the header are reserved");
}
