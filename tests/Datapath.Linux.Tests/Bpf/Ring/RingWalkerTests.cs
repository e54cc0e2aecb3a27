using System.Buffers.Binary;
using Datapath.Linux.Bpf.Ring;

namespace Datapath.Linux.Tests.Bpf.Ring;

/// <summary>The walk from record to record, over good and over broken memory.</summary>
public unsafe class RingWalkerTests
{
    private const int Size = 256;

    [TestCase(RecordHeader.BusyBit | 8, false, 0UL)]
    [TestCase(RecordHeader.DiscardBit | 8, false, 16UL)]
    [TestCase(8U, true, 0UL)]
    public void A_busy_record_stops_the_walk_and_a_discarded_one_is_passed(uint word, bool isFound, ulong position)
    {
        var data = new byte[2 * Size];
        BinaryPrimitives.WriteUInt32LittleEndian(data, word);
        fixed (byte* memory = data)
        {
            var at = 0UL;
            Assert.That(new RingWalker(memory, Size).TryFind(ref at, 16, out _), Is.EqualTo(isFound));
            Assert.That(at, Is.EqualTo(position));
        }
    }

    [TestCase(0UL, 257UL)]
    [TestCase(0UL, 4UL)]
    [TestCase(8UL, 0UL)]
    public void Positions_that_cannot_be_are_refused(ulong consumer, ulong producer) => Assert.That(
        () =>
        {
            fixed (byte* memory = new byte[2 * Size])
                new RingWalker(memory, Size).ThrowUnlessPossible(consumer, producer);
        },
        Throws.TypeOf<CorruptRingException>());

    [Test]
    public void Any_words_give_records_inside_the_ring_or_the_typed_error([Values(1, 2, 3)] int seed)
    {
        var random = new Random(seed);
        var (found, refused) = (0, 0);
        for (var round = 0; round < 20_000; round++)
        {
            var data = new byte[2 * Size];
            for (var at = 0; at < Size; at += 8)
            {
                var mark = random.Next(8) switch { 0 => RecordHeader.BusyBit, 1 => RecordHeader.DiscardBit, _ => 0U };
                BinaryPrimitives.WriteUInt32LittleEndian(data.AsSpan(at), mark | (uint)random.Next(random.Next(4) == 0 ? 1 << 30 : 40));
            }

            fixed (byte* memory = data)
            {
                var walker = new RingWalker(memory, Size);
                var position = (ulong)random.Next(1 << 20) * 8;
                var end = position + ((ulong)random.Next((Size / 8) + 1) * 8);
                try
                {
                    while (walker.TryFind(ref position, end, out var header))
                    {
                        var record = walker.RecordAt(position, header.Length);
                        fixed (byte* first = record)
                            Assert.That(record.IsEmpty || (first >= memory && first + record.Length <= memory + (2 * Size)), Is.True);
                        position += header.Stride;
                        found++;
                    }

                    Assert.That(position, Is.LessThanOrEqualTo(end));
                }
                catch (CorruptRingException)
                {
                    refused++;
                }
            }
        }

        Assert.That(Math.Min(found, refused), Is.GreaterThan(1000), "both ways must be taken often, or the words tell nothing");
    }
}
