namespace Datapath.Policy;

/// <summary>
/// A <c>Namespace</c> of <c>v1</c>, of which only the labels, <see cref="Pod.SocketLbAnnotation"/> and <see cref="Pod.MasqueradeAnnotation"/>
/// matter.
/// </summary>
public sealed record Namespace : KubernetesObject
{
    /// <summary>The label with which an API server gives each namespace its own name, so that selectors can name it.</summary>
    public const string NameLabel = "kubernetes.io/metadata.name";

    /// <inheritdoc/>
    public override ObjectKind Kind => ObjectKind.Namespace;
}
