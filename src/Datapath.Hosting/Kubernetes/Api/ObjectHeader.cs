using System.Globalization;
using System.Text.Json;

namespace Datapath.Hosting;

/// <summary>What of an object's metadata matters to a watch.</summary>
internal readonly record struct ObjectHeader
{
    /// <summary>The namespace; empty if it has none.</summary>
    public string Namespace { get; init; }

    /// <summary>The name; empty in a bookmark.</summary>
    public string Name { get; init; }

    /// <summary>The identifier of this incarnation.</summary>
    public string? Uid { get; init; }

    /// <summary>The version.</summary>
    public string ResourceVersion { get; init; }

    /// <summary>How often what is wanted of the object was changed; 0 if it is not counted.</summary>
    public long Generation { get; init; }

    /// <summary>What nodes wrote into the status; <see langword="null"/> if nothing, or nobody asked.</summary>
    public NodeStatuses? Statuses { get; init; }

    /// <summary>Reads that of the object that a reader stands at the start of, and goes to its end.</summary>
    /// <param name="reader">The reader.</param>
    /// <param name="node">The node whose part of the status is read; <see langword="null"/>: none.</param>
    public static ObjectHeader Read(ref Utf8JsonReader reader, string? node)
    {
        var header = new ObjectHeader { Namespace = "", Name = "", ResourceVersion = "" };
        NodeStatuses? statuses = null;
        while (JsonFields.Next(ref reader))
        {
            if (reader.ValueTextEquals("metadata"u8))
                header = ReadMetadata(ref reader);
            else if (node is not null && reader.ValueTextEquals("status"u8))
                statuses = NodeStatuses.Read(ref reader, node);
            else
                JsonFields.Skip(ref reader);
        }

        return header with { Statuses = statuses };
    }

    /// <summary>Which of two versions is the newer one: negative if the left is older.</summary>
    /// <returns><see langword="null"/> if they cannot be compared.</returns>
    public static int? Compare(string left, string right) =>
        ulong.TryParse(left, NumberStyles.None, CultureInfo.InvariantCulture, out var one) && ulong.TryParse(right, NumberStyles.None, CultureInfo.InvariantCulture, out var other)
            ? one.CompareTo(other)
            : left == right ? 0 : null;

    private static ObjectHeader ReadMetadata(ref Utf8JsonReader reader)
    {
        string space = "", name = "", version = "";
        string? uid = null;
        var generation = 0L;
        if (!JsonFields.Enter(ref reader))
            return new() { Namespace = space, Name = name, ResourceVersion = version };
        while (JsonFields.Next(ref reader))
        {
            if (reader.ValueTextEquals("namespace"u8))
                space = JsonFields.Text(ref reader) ?? "";
            else if (reader.ValueTextEquals("name"u8))
                name = JsonFields.Text(ref reader) ?? "";
            else if (reader.ValueTextEquals("uid"u8))
                uid = JsonFields.Text(ref reader);
            else if (reader.ValueTextEquals("resourceVersion"u8))
                version = JsonFields.Text(ref reader) ?? "";
            else if (reader.ValueTextEquals("generation"u8))
                generation = JsonFields.Number(ref reader);
            else
                JsonFields.Skip(ref reader);
        }

        return new() { Namespace = space, Name = name, Uid = uid, ResourceVersion = version, Generation = generation };
    }
}
