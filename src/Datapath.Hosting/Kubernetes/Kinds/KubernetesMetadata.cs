using System.Collections.Immutable;
using System.Text.Json;

namespace Datapath.Hosting;

/// <summary>The metadata of an object, as far as whoever reconciles it needs them.</summary>
public sealed record KubernetesMetadata
{
    /// <summary>The namespace; empty if the object has none.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>The name.</summary>
    public required string Name { get; init; }

    /// <summary>The identifier of this incarnation: an object that is deleted and made again has another.</summary>
    public string Uid { get; init; } = "";

    /// <summary>The version. A change that is made by this version is refused if the object is of another by then; empty: it is made to any.</summary>
    public string ResourceVersion { get; init; } = "";

    /// <summary>How often what is wanted of the object was changed; 0 if it is not counted.</summary>
    public long Generation { get; init; }

    /// <summary>When the object was made; <see langword="null"/> if that is not known.</summary>
    public DateTimeOffset? CreationTimestamp { get; init; }

    /// <summary>When the object was deleted; <see langword="null"/>: it was not. It is there until <see cref="Finalizers"/> is empty.</summary>
    public DateTimeOffset? DeletionTimestamp { get; init; }

    /// <summary>Who has something to finish before a deleted object goes.</summary>
    public ImmutableArray<string> Finalizers { get; init; } = [];

    /// <summary>Whether the object was deleted, and is only there for its <see cref="Finalizers"/>.</summary>
    public bool IsDeleting => DeletionTimestamp is not null;

    /// <summary>The namespace, if there is one, and the name.</summary>
    public override string ToString() => Namespace.Length > 0 ? $"{Namespace}/{Name}" : Name;

    internal static KubernetesMetadata Of(ObjectHeader header) => new()
    {
        Namespace = header.Namespace,
        Name = header.Name,
        Uid = header.Uid ?? "",
        ResourceVersion = header.ResourceVersion,
        Generation = header.Generation,
    };

    /// <summary>Reads those of an object.</summary>
    internal static KubernetesMetadata Read(ObjectHeader header, JsonElement item)
    {
        var metadata = item.GetProperty("metadata");
        return Of(header) with
        {
            CreationTimestamp = Time(metadata, "creationTimestamp"),
            DeletionTimestamp = Time(metadata, "deletionTimestamp"),
            Finalizers = metadata.TryGetProperty("finalizers", out var finalizers) && finalizers.ValueKind is JsonValueKind.Array
                ? [.. finalizers.EnumerateArray().Where(static name => name.ValueKind is JsonValueKind.String).Select(static name => name.GetString()!)]
                : [],
        };
    }

    private static DateTimeOffset? Time(JsonElement metadata, string field) =>
        metadata.TryGetProperty(field, out var value) && value.ValueKind is JsonValueKind.String && value.TryGetDateTimeOffset(out var time) ? time : null;
}
