using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>Finds what of a batch is missing by which it could be taken in: the types of the language do not keep a source from leaving it out.</summary>
internal static class BatchFlaw
{
    /// <summary>The first that is missing, with its place in the batch; <see langword="null"/> if nothing is.</summary>
    public static string? Of(ObjectBatch batch) =>
        OfList(batch.Upserted, nameof(batch.Upserted), OfObject) ?? OfList(batch.Deleted, nameof(batch.Deleted), OfKey)
            ?? OfList(batch.Diagnostics, nameof(batch.Diagnostics), static item => item is null ? "" : item.Reason is null ? ".Reason" : null)
            ?? OfList(batch.Refused, nameof(batch.Refused), static item => item is null ? "" : item.Reason is null ? ".Reason" : OfKey(item.Object) is { } key ? $".Object{key}" : null)
            ?? OfList(batch.NoLongerRefused, nameof(batch.NoLongerRefused), OfKey);

    private static string? OfList<T>(ImmutableArray<T> items, string list, Func<T, string?> missing)
    {
        if (items.IsDefault)
            return $"{list} must be an array, empty for none: a default one is null inside";
        for (var i = 0; i < items.Length; i++)
        {
            if (missing(items[i]) is { } place)
                return $"{list}[{i}]{place} must not be null";
        }

        return null;
    }

    private static string? OfObject(KubernetesObject? item) => item switch
    {
        null => "",
        { Metadata: null } => ".Metadata",
        { Metadata.Name: null } => ".Metadata.Name",
        { Metadata.Namespace: null } => ".Metadata.Namespace",
        { Metadata.Labels: null } => ".Metadata.Labels",
        { Metadata.Annotations: null } => ".Metadata.Annotations",
        _ => null,
    };

    private static string? OfKey(ObjectKey key) => key.Namespace is null ? ".Namespace" : key.Name is null ? ".Name" : null;
}
