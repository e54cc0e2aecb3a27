using System.Net;
using System.Text.Json;

namespace Datapath.Hosting;

/// <summary>What an event of a watch tells.</summary>
internal enum WatchEventType
{
    /// <summary>The object is as told.</summary>
    Upserted,

    /// <summary>The object is gone.</summary>
    Deleted,

    /// <summary>Nothing happened up to the version.</summary>
    Bookmark,
}

/// <summary>An event of a watch.</summary>
/// <param name="Type">What it tells.</param>
/// <param name="Header">Of which object, and in which version.</param>
/// <param name="Json">The object.</param>
internal sealed record WatchEvent(WatchEventType Type, ObjectHeader Header, ReadOnlyMemory<byte> Json)
{
    /// <summary>Reads an event.</summary>
    /// <param name="line">The line that it came in.</param>
    /// <param name="node">The node whose part of the status is read; <see langword="null"/>: none.</param>
    /// <returns><see langword="null"/> if it is of a type that is not known, which means nothing.</returns>
    /// <exception cref="KubernetesApiException">It tells that the watch failed.</exception>
    /// <exception cref="JsonException">It is no JSON.</exception>
    /// <exception cref="InvalidDataException">It is no event.</exception>
    public static WatchEvent? Read(byte[] line, string? node)
    {
        var reader = new Utf8JsonReader(line);
        string? type = null;
        var header = default(ObjectHeader);
        ReadOnlyMemory<byte> json = default;
        if (!reader.Read() || reader.TokenType is not JsonTokenType.StartObject)
            throw new InvalidDataException("an event of a watch is no object");
        while (JsonFields.Next(ref reader))
        {
            if (reader.ValueTextEquals("type"u8))
            {
                type = JsonFields.Text(ref reader);
            }
            else if (reader.ValueTextEquals("object"u8) && JsonFields.Enter(ref reader))
            {
                var start = (int)reader.TokenStartIndex;
                header = ObjectHeader.Read(ref reader, node);
                json = line.AsMemory(start, (int)reader.BytesConsumed - start);
            }
            else if (reader.TokenType is JsonTokenType.PropertyName)
            {
                JsonFields.Skip(ref reader);
            }
        }

        if (type is null || json.IsEmpty)
            throw new InvalidDataException("an event of a watch has no type or no object");
        if (reader.BytesConsumed != line.Length && line.AsSpan((int)reader.BytesConsumed).ContainsAnyExcept(" \t\r"u8))
            throw new InvalidDataException("an event of a watch has something behind it");
        return type switch
        {
            "ADDED" or "MODIFIED" => Of(WatchEventType.Upserted, header, json),
            "DELETED" => Of(WatchEventType.Deleted, header, json),
            "BOOKMARK" => Of(WatchEventType.Bookmark, header, json),
            "ERROR" => throw ApiStatus.Read(json).ToException(HttpStatusCode.InternalServerError),
            _ => null,
        };
    }

    private static WatchEvent Of(WatchEventType type, ObjectHeader header, ReadOnlyMemory<byte> json) =>
        header.ResourceVersion.Length > 0 && (type is WatchEventType.Bookmark || header.Name.Length > 0)
            ? new(type, header, json)
            : throw new InvalidDataException("an event of a watch has an object without name or resourceVersion");
}
