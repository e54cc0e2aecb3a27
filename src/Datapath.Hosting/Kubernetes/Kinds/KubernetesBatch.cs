using System.Collections.Immutable;

namespace Datapath.Hosting;

/// <summary>A step of a watch: what is another than in the step before.</summary>
/// <typeparam name="T">What is read of an object.</typeparam>
/// <param name="Upserted">Objects that are new or changed, each once, as they are now.</param>
/// <param name="Deleted">Objects that are gone. Their metadata are those that were known last, without times and finalizers.</param>
public sealed record KubernetesBatch<T>(ImmutableArray<KubernetesItem<T>> Upserted, ImmutableArray<KubernetesMetadata> Deleted)
    where T : class
{
    /// <summary>One line with all names: <c>+default/web -default/old</c>.</summary>
    public override string ToString() => string.Join(' ', [.. Upserted.Select(static item => $"+{item.Metadata.Namespace}/{item.Metadata.Name}"), .. Deleted.Select(static item => $"-{item.Namespace}/{item.Name}")]);
}
