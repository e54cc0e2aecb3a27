using Datapath.Linux.Bpf;

namespace Datapath.Linux.Tests.Bpf;

/// <summary>Records cut out of a stream whose pieces do not end where they do.</summary>
public class BpfIteratorRecordsTests
{
    [TestCase(1)]
    [TestCase(1000)]
    [TestCase(1 << 20)]
    public void Every_record_comes_whatever_the_pieces(int piece)
    {
        var bytes = Enumerable.Range(0, 30_000).Select(static i => (byte)(i / 3)).ToArray();
        using var stream = new PiecewiseStream(bytes, piece);
        Assert.That(
            BpfIteratorRecords.Read<Triple>(stream, "walk").Select(static t => t.Second),
            Is.EqualTo(Enumerable.Range(0, 10_000).Select(static i => (byte)i)));
    }

    [Test]
    public unsafe void A_record_larger_than_the_buffer_comes_whole()
    {
        var bytes = new byte[2 * 20_000];
        bytes[^1] = 7;
        using var stream = new PiecewiseStream(bytes, 4096);
        var records = BpfIteratorRecords.Read<Large>(stream, "walk").ToList();
        Assert.That(records, Has.Count.EqualTo(2));
        var last = records[1];
        Assert.That(last.Bytes[19_999], Is.EqualTo(7));
    }

    [Test]
    public void A_rest_that_is_no_record_is_an_error()
    {
        using var stream = new PiecewiseStream(new byte[8], 8);
        Assert.That(
            () => BpfIteratorRecords.Read<Triple>(stream, "walk").Count(),
            Throws.TypeOf<InvalidDataException>().With.Message.StartsWith("the walk of 'walk' ends 2 bytes into a record: Triple has 3 bytes"));
    }

    private readonly record struct Triple(byte First, byte Second, byte Third);

    private unsafe struct Large
    {
        public fixed byte Bytes[20_000];
    }

    private sealed class PiecewiseStream(byte[] bytes, int piece) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, piece)]);
    }
}
