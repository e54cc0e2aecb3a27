using System.Runtime.CompilerServices;

namespace Datapath.Policy;

/// <summary>Refuses batches with objects that have no identity. All else that may be wrong with an object is for its status to say.</summary>
internal static class BatchCheck
{
    /// <exception cref="ArgumentException">An object is <see langword="null"/> or lacks what tells objects apart.</exception>
    public static void ThrowIfInvalid(ObjectBatch batch, [CallerArgumentExpression(nameof(batch))] string? argument = null)
    {
        ArgumentNullException.ThrowIfNull(batch, argument);
        var upserted = batch.Upserted.AsSpan();
        for (var i = 0; i < upserted.Length; i++)
        {
            if (Missing(upserted[i]) is { } missing)
                throw new ArgumentException($"{nameof(batch.Upserted)}[{i}]{missing} must not be null", argument);
        }
    }

    private static string? Missing(KubernetesObject? item) => item switch
    {
        null => "",
        { Metadata: null } => ".Metadata",
        { Metadata.Name: null } => ".Metadata.Name",
        { Metadata.Namespace: null } => ".Metadata.Namespace",
        { Metadata.Labels: null } => ".Metadata.Labels",
        { Metadata.Annotations: null } => ".Metadata.Annotations",
        _ => null,
    };
}
