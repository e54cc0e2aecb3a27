using System.Text.Json;

namespace Datapath.Hosting;

/// <summary>A page of a list.</summary>
/// <param name="ResourceVersion">The version of the list, which a watch begins after.</param>
/// <param name="Continue">What the next page is asked for with; empty: it is the last.</param>
/// <param name="Items">Its objects.</param>
/// <param name="Ranges">Where the objects are in the page.</param>
/// <param name="Json">The page as it came.</param>
internal sealed record ListPage(string ResourceVersion, string Continue, List<ObjectHeader> Items, List<Range> Ranges, ReadOnlyMemory<byte> Json)
{
    /// <summary>Reads a page.</summary>
    /// <param name="json">The answer of the server.</param>
    /// <param name="node">The node whose part of the status is read; <see langword="null"/>: none.</param>
    /// <exception cref="JsonException">It is no JSON.</exception>
    /// <exception cref="InvalidDataException">It is no list.</exception>
    public static ListPage Read(byte[] json, string? node)
    {
        var reader = new Utf8JsonReader(json);
        string version = "", next = "";
        var (items, ranges) = (new List<ObjectHeader>(), new List<Range>());
        if (!reader.Read() || reader.TokenType is not JsonTokenType.StartObject)
            throw new InvalidDataException("the answer to a list is no object");
        while (JsonFields.Next(ref reader))
        {
            if (reader.ValueTextEquals("metadata"u8))
                (version, next) = ReadMetadata(ref reader);
            else if (reader.ValueTextEquals("items"u8))
                ReadItems(ref reader, items, ranges, node);
            else
                JsonFields.Skip(ref reader);
        }

        return version.Length > 0 ? new(version, next, items, ranges, json) : throw new InvalidDataException("the answer to a list has no metadata.resourceVersion");
    }

    private static (string Version, string Next) ReadMetadata(ref Utf8JsonReader reader)
    {
        string version = "", next = "";
        if (!JsonFields.Enter(ref reader))
            return (version, next);
        while (JsonFields.Next(ref reader))
        {
            if (reader.ValueTextEquals("resourceVersion"u8))
                version = JsonFields.Text(ref reader) ?? "";
            else if (reader.ValueTextEquals("continue"u8))
                next = JsonFields.Text(ref reader) ?? "";
            else
                JsonFields.Skip(ref reader);
        }

        return (version, next);
    }

    private static void ReadItems(ref Utf8JsonReader reader, List<ObjectHeader> items, List<Range> ranges, string? node)
    {
        _ = reader.Read();
        if (reader.TokenType is not JsonTokenType.StartArray)
        {
            reader.Skip(); // null, which is an empty list
            return;
        }

        while (reader.Read() && reader.TokenType is JsonTokenType.StartObject)
        {
            var start = (int)reader.TokenStartIndex;
            items.Add(ObjectHeader.Read(ref reader, node));
            ranges.Add(start..(int)reader.BytesConsumed);
        }
    }
}
