using System.Runtime.InteropServices;

namespace Datapath.BpfObjects.Layout;

/// <summary>
/// A frontend's whole state in one word: bits 0 to 23 the index of its first slot, bits 24 to 41 the number of slots that take traffic,
/// bit 42 whether a header comes before them, bits 48 to 63 a tag made from the key.
/// </summary>
[KernelType("dp_frontend")]
[StructLayout(LayoutKind.Sequential)]
public record struct FrontendValue
{
    /// <summary>The word.</summary>
    public ulong Range;

    /// <summary>Makes the word.</summary>
    /// <param name="first">The index of the first slot, 1 to <see cref="MaxFirst"/>.</param>
    /// <param name="count">The number of slots, 0 to <see cref="MaxCount"/>.</param>
    /// <param name="tag">The key's tag.</param>
    /// <param name="hasHeader">Whether the first slot is a header, which <paramref name="count"/> leaves out. Default: no.</param>
    /// <exception cref="ArgumentOutOfRangeException">A part does not fit.</exception>
    public FrontendValue(int first, int count, ushort tag, bool hasHeader = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(first, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(first, MaxFirst);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MaxCount);
        Range = (uint)first | ((ulong)(uint)count << (int)RangeBits.CountShift) | ((ulong)tag << (int)RangeBits.TagShift)
            | (hasHeader ? 1UL << (int)RangeBits.HeaderShift : 0);
    }

    /// <summary>The highest index of a first slot.</summary>
    public const int MaxFirst = (1 << (int)RangeBits.FirstBits) - 1;

    /// <summary>The highest number of slots of a frontend.</summary>
    public const int MaxCount = (1 << (int)RangeBits.CountBits) - 1;

    /// <summary>The index of the first slot.</summary>
    public readonly int First => (int)(Range & MaxFirst);

    /// <summary>The number of slots that take traffic.</summary>
    public readonly int Count => (int)((Range >> (int)RangeBits.CountShift) & MaxCount);

    /// <summary>Whether the first slot is a header.</summary>
    public readonly bool HasHeader => ((Range >> (int)RangeBits.HeaderShift) & 1) != 0;

    /// <summary>The tag of the key that it was written for.</summary>
    public readonly ushort KeyTag => (ushort)(Range >> (int)RangeBits.TagShift);

    /// <summary>The tag of a key, as the programs make it.</summary>
    /// <param name="foldedAddress">The words of the address, combined by exclusive or.</param>
    /// <param name="port">The port, in network order.</param>
    /// <param name="protocol">The protocol.</param>
    public static ushort Tag(uint foldedAddress, ushort port, byte protocol) => (ushort)(foldedAddress ^ (foldedAddress >> 16) ^ port ^ protocol);
}

/// <summary>How a frontend's word is divided.</summary>
[KernelType("dp_range_bits")]
public enum RangeBits
{
    /// <summary>Bits of the first slot's index.</summary>
    FirstBits = 24,

    /// <summary>Bits of the number of slots.</summary>
    CountBits = 18,

    /// <summary>Where the number of slots starts.</summary>
#pragma warning disable CA1069 // it starts where the first part ends
    CountShift = 24,
#pragma warning restore CA1069

    /// <summary>The bit of the header.</summary>
    HeaderShift = 42,

    /// <summary>Where the tag starts.</summary>
    TagShift = 48,
}
