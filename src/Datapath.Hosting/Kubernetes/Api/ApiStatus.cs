using System.Net;
using System.Text.Json;

namespace Datapath.Hosting;

/// <summary>What a <c>Status</c> says, which is how an API server answers when it refuses.</summary>
/// <param name="Code">The HTTP status code; <see langword="null"/> if it is not said.</param>
/// <param name="Reason">The reason, a word; empty if it is not said.</param>
/// <param name="Message">The reason, in words; empty if it is not said.</param>
/// <param name="RetryAfter">How long to wait, if it is said.</param>
internal sealed record ApiStatus(HttpStatusCode? Code, string Reason, string Message, TimeSpan? RetryAfter)
{
    private const int LongestMessage = 300;

    /// <summary>Reads one. What is none, such as the page of a proxy, says nothing.</summary>
    public static ApiStatus Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            if (root.ValueKind is JsonValueKind.Object && Text(root, "kind") is "Status")
            {
                var seconds = root.TryGetProperty("details", out var details) && details.ValueKind is JsonValueKind.Object
                    ? Number(details, "retryAfterSeconds")
                    : null;
                return new((HttpStatusCode?)Number(root, "code"), Text(root, "reason"), Text(root, "message"), seconds is > 0 ? TimeSpan.FromSeconds(seconds.Value) : null);
            }
        }
        catch (JsonException)
        {
            // somebody else's answer
        }

        return new(null, "", "", null);
    }

    /// <summary>The same, as an exception.</summary>
    /// <param name="code">The code, if it says none.</param>
    /// <param name="phrase">What else there is to say.</param>
    /// <param name="retryAfter">How long to wait, if it does not say that.</param>
    public KubernetesApiException ToException(HttpStatusCode code, string? phrase = null, TimeSpan? retryAfter = null)
    {
        string[] words = [Reason.Length > 0 ? Reason : phrase ?? code.ToString(), Message.Length > LongestMessage ? Message[..LongestMessage] + "…" : Message];
        return new(Code ?? code, string.Join(": ", words.Where(static word => word.Length > 0)), RetryAfter ?? retryAfter);
    }

    private static string Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString()! : "";

    private static int? Number(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.Number && value.TryGetInt32(out var number) ? number : null;
}
