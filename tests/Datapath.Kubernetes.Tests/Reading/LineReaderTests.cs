using System.Text;
using Datapath.Hosting;
using Datapath.Hosting.Tests.Lab;

namespace Datapath.Kubernetes.Tests.Reading;

internal sealed class LineReaderTests
{
    private static async Task<(List<string> Lines, Exception? Error)> ReadAsync(byte[] text, int piece, int longest = 100)
    {
        await using var stream = new PieceStream(text, piece);
        await using var reader = new LineReader(stream, longest);
        var lines = new List<string>();
        try
        {
            while (await reader.ReadAsync(Deadline.Token) is { } line)
                lines.Add(Encoding.UTF8.GetString(line));
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            return (lines, e);
        }

        return (lines, null);
    }

    [Test]
    public async Task Lines_are_the_same_however_they_are_cut([Range(1, 30)] int piece)
    {
        var text = Encoding.UTF8.GetBytes("first\n\nsecond line\nthird: äöü€😀\nnot whole");
        var (lines, error) = await ReadAsync(text, piece);
        Assert.That(lines, Is.EqualTo(new[] { "first", "second line", "third: äöü€😀" }));
        Assert.That(error, Is.Null);
    }

    [Test]
    public async Task A_line_of_the_most_bytes_is_read_and_one_more_is_not([Values(1, 7, 1000)] int piece, [Values] bool hasEnd)
    {
        var (lines, error) = await ReadAsync(Encoding.UTF8.GetBytes(new string('a', 100) + "\n" + new string('b', 101) + (hasEnd ? "\n" : "")), piece);
        Assert.That(lines, Is.EqualTo(new[] { new string('a', 100) }));
        Assert.That(error!.Message, Is.EqualTo("an event of a watch is longer than 100 bytes"));
    }

    /// <summary>Gives a few bytes at a time.</summary>
    private sealed class PieceStream(byte[] text, int piece) : MemoryStream(text)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(piece, buffer.Length)], cancellationToken);
    }
}
