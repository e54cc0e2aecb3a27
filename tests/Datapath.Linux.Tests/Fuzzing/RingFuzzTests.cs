using System.Buffers.Binary;
using Datapath.Linux.Bpf.Ring;

namespace Datapath.Linux.Tests.Fuzzing;

/// <summary>A ring's memory, broken a little.</summary>
public unsafe class RingFuzzTests
{
    private const int Size = 512;

    [Test]
    public void Broken_records_lie_inside_the_ring_or_are_refused([Values(1, 2)] int seed) =>
        new FuzzRun<CorruptRingException>("ring", Read).Run([Ring(8, 24, 1, 100), Ring(0, 0, 480), Ring(504), Ring(13, 7, 300)], 100_000, seed);

    // The producer's and the consumer's position, then the ring.
    private static byte[] Ring(params int[] lengths)
    {
        var bytes = new byte[16 + Size];
        var end = 0;
        foreach (var length in lengths)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(16 + end), length);
            end += RecordHeader.Size + ((length + 7) & ~7);
        }

        BinaryPrimitives.WriteInt32LittleEndian(bytes, end);
        return bytes;
    }

    private static void Read(byte[] input)
    {
        Span<byte> positions = stackalloc byte[16];
        positions.Clear();
        input.AsSpan(0, Math.Min(16, input.Length)).CopyTo(positions);
        var (end, position) = (BinaryPrimitives.ReadUInt64LittleEndian(positions), BinaryPrimitives.ReadUInt64LittleEndian(positions[8..]));
        var ring = new byte[2 * Size];
        if (input.Length > 16)
            input.AsSpan(16, Math.Min(Size, input.Length - 16)).CopyTo(ring);
        ring.AsSpan(0, Size).CopyTo(ring.AsSpan(Size));
        fixed (byte* memory = ring)
        {
            var walker = new RingWalker(memory, Size);
            walker.ThrowUnlessPossible(position, end);
            while (walker.TryFind(ref position, end, out var header))
            {
                var record = walker.RecordAt(position, header.Length);
                fixed (byte* first = record)
                {
                    if (!record.IsEmpty && (first < memory || first + record.Length > memory + ring.Length))
                        throw new InvalidOperationException($"a record of {record.Length} bytes at {position}");
                }

                position += header.Stride;
            }
        }
    }
}
