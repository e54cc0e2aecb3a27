namespace Datapath.Policy;

/// <summary>
/// A <c>CiliumLocalRedirectPolicy</c> of <c>cilium.io/v2</c>: connections to an address or a service go to pods on the same node.
/// </summary>
public sealed record CiliumLocalRedirectPolicy : KubernetesObject
{
    /// <summary>The annotation that says what happens without a usable backend: <c>fallback</c> or <c>drop</c>.</summary>
    public const string OnNoBackendAnnotation = "datapath.io/on-no-backend";

    /// <inheritdoc/>
    public override ObjectKind Kind => ObjectKind.CiliumLocalRedirectPolicy;

    /// <summary>What is redirected (<c>spec.redirectFrontend</c>).</summary>
    public required RedirectFrontend Frontend { get; init; }

    /// <summary>Where to (<c>spec.redirectBackend</c>).</summary>
    public required RedirectBackend Backend { get; init; }

    /// <summary>
    /// Whether connections that a backend makes to the frontend itself are left alone, so that it reaches the original destination.
    /// Default: <see langword="false"/>.
    /// </summary>
    public bool SkipRedirectFromBackend { get; init; }

    /// <summary>What the policy is for, in the words of its author. Default: none.</summary>
    public string? Description { get; init; }

    /// <summary>
    /// What happens without a usable backend, by <see cref="OnNoBackendAnnotation"/>. Default: <see cref="NoBackendAction.Fallback"/>.
    /// </summary>
    public NoBackendAction OnNoBackend => AnnotationReader.ReadOnNoBackend(Metadata.Annotations, issues: null) ?? NoBackendAction.Fallback;
}
