namespace Datapath.Policy;

/// <summary>A <c>Service</c> of <c>v1</c>.</summary>
public sealed record Service : KubernetesObject
{
    /// <inheritdoc/>
    public override ObjectKind Kind => ObjectKind.Service;

    /// <summary>What the service offers.</summary>
    public required ServiceSpec Spec { get; init; }

    /// <summary>What became of it. Default: nothing yet.</summary>
    public ServiceStatus Status { get; init; } = ServiceStatus.Empty;

    /// <summary>The name under which the service is compiled.</summary>
    public ServiceName ServiceName => new(Metadata.Namespace, Metadata.Name);
}
