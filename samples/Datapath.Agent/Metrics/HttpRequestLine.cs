using System.Text;

namespace Datapath.Agent.Metrics;

/// <summary>What a request asks for: its first line.</summary>
/// <param name="Method">The method.</param>
/// <param name="Path">The path, without a query.</param>
internal readonly record struct HttpRequestLine(string Method, string Path)
{
    private const int LongestHead = 8192;

    /// <summary>Reads a request's head, of which the first line counts.</summary>
    /// <returns><see langword="null"/> if it is none, or is too long; what follows is not read.</returns>
    public static async Task<HttpRequestLine?> ReadAsync(Stream client, CancellationToken cancellationToken)
    {
        var (buffer, length) = (new byte[LongestHead], 0);
        while (buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8) < 0)
        {
            var read = length == buffer.Length ? 0 : await client.ReadAsync(buffer.AsMemory(length), cancellationToken).ConfigureAwait(false);
            if (read == 0)
                return null;
            length += read;
        }

        return Parse(Encoding.Latin1.GetString(buffer, 0, buffer.AsSpan(0, length).IndexOf("\r\n"u8)));
    }

    private static HttpRequestLine? Parse(string line) => line.Split(' ') is [{ Length: > 0 } method, ['/', ..] target, "HTTP/1.1" or "HTTP/1.0"]
        ? new(method, target.Split('?')[0])
        : null;
}
