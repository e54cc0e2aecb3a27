using System.Globalization;
using System.Text;

namespace Datapath.Agent.Metrics;

/// <summary>An answer of HTTP/1.1, after which the connection ends.</summary>
/// <param name="Status">Its number and words.</param>
/// <param name="Body">Its text.</param>
internal sealed record HttpAnswer(string Status, string Body)
{
    public const string Ok = "200 OK";
    public const string Unavailable = "503 Service Unavailable";

    public string ContentType { get; init; } = "text/plain; charset=utf-8";

    /// <summary>Further header lines, each with its end.</summary>
    public string Headers { get; init; } = "";

    /// <summary>The bytes to send.</summary>
    /// <param name="withBody">Without it, it is the answer to a HEAD.</param>
    public byte[] ToBytes(bool withBody)
    {
        var body = Encoding.UTF8.GetBytes(Body);
        var head = Encoding.ASCII.GetBytes(string.Create(
            CultureInfo.InvariantCulture, $"HTTP/1.1 {Status}\r\nContent-Type: {ContentType}\r\nContent-Length: {body.Length}\r\n{Headers}Connection: close\r\n\r\n"));
        return withBody ? [.. head, .. body] : head;
    }
}
