using System.Text.Json;

namespace Datapath.Hosting;

/// <summary>Reads objects of a program's own kinds.</summary>
internal static class ItemReader
{
    private const int LongestValue = 60;

    /// <exception cref="JsonException">It is no JSON.</exception>
    /// <exception cref="InvalidDataException">It is no object with a name and a version.</exception>
    public static KubernetesItem<T> Read<T>(KubernetesKind<T> kind, byte[] json)
        where T : class
    {
        var reader = new Utf8JsonReader(json);
        if (!reader.Read() || reader.TokenType is not JsonTokenType.StartObject || ObjectHeader.Read(ref reader, null) is not { Name.Length: > 0, ResourceVersion.Length: > 0 } header)
            throw new InvalidDataException("the answer is no object with a name and a resourceVersion");
        return Read(kind, header, json);
    }

    /// <param name="kind">The kind.</param>
    /// <param name="header">What was read of the object already.</param>
    /// <param name="json">The object, which is JSON.</param>
    public static KubernetesItem<T> Read<T>(KubernetesKind<T> kind, ObjectHeader header, ReadOnlyMemory<byte> json)
        where T : class
    {
        using var document = JsonDocument.Parse(json);
        var metadata = KubernetesMetadata.Read(header, document.RootElement);
        try
        {
            return document.RootElement.Deserialize(kind.Json) is { } item ? new(metadata, item) : throw new JsonException("It is null.");
        }
        catch (JsonException e)
        {
            return new(metadata, null) { Problem = Describe(e, document.RootElement) };
        }
    }

    /// <summary>Field, value and reason. The serializer has the reason and the path in one text.</summary>
    private static string Describe(JsonException e, JsonElement item)
    {
        var path = e.Path ?? "$";
        var end = e.Message.IndexOf(" Path: ", StringComparison.Ordinal);
        var reason = (end < 0 ? e.Message : e.Message[..end]).TrimEnd('.').ReplaceLineEndings(" ");
        var field = path.TrimStart('$').TrimStart('.');
        if (field.Length == 0)
            return reason;
        var value = Find(item, field)?.GetRawText() ?? "";
        return $"{field}: {(value.Length > LongestValue ? value[..LongestValue] + "…" : value)} cannot be read: {reason}";
    }

    // Paths are those of the serializer: a.b[0]; names with other characters stand as ['a.b'], and are not looked for.
    private static JsonElement? Find(JsonElement item, string path)
    {
        foreach (var step in path.Replace("[", ".[", StringComparison.Ordinal).Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            if (step is ['[', .. var number, ']'] && int.TryParse(number, out var index) && item.ValueKind is JsonValueKind.Array && index < item.GetArrayLength())
                item = item[index];
            else if (item.ValueKind is not JsonValueKind.Object || !item.TryGetProperty(step, out item))
                return null;
        }

        return item;
    }
}
