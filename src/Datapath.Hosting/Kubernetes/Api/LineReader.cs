using System.Buffers;
using System.IO.Pipelines;

namespace Datapath.Hosting;

/// <summary>Reads lines of bounded length from a stream that may be cut anywhere.</summary>
/// <param name="stream">The stream, which the caller disposes.</param>
/// <param name="longest">The most bytes of a line.</param>
internal sealed class LineReader(Stream stream, int longest) : IAsyncDisposable
{
    private readonly PipeReader _pipe = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 16 << 10, leaveOpen: true));

    /// <summary>Reads the next line that is not empty.</summary>
    /// <returns>The line without its end; <see langword="null"/> at the end of the stream. What comes after the last line's end is not whole, and dropped.</returns>
    /// <exception cref="InvalidDataException">The line is too long.</exception>
    public async ValueTask<byte[]?> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await _pipe.ReadAsync(cancellationToken).ConfigureAwait(false);
            var buffer = result.Buffer;
            while (buffer.PositionOf((byte)'\n') is { } end)
            {
                var line = buffer.Slice(0, end);
                ThrowIfTooLong(line.Length);
                buffer = buffer.Slice(buffer.GetPosition(1, end));
                if (line.IsEmpty)
                    continue;
                var bytes = line.ToArray();
                _pipe.AdvanceTo(buffer.Start);
                return bytes;
            }

            ThrowIfTooLong(buffer.Length);
            _pipe.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted)
                return null;
        }
    }

    public ValueTask DisposeAsync() => _pipe.CompleteAsync();

    private void ThrowIfTooLong(long length)
    {
        if (length > longest)
            throw new InvalidDataException($"an event of a watch is longer than {longest} bytes");
    }
}
