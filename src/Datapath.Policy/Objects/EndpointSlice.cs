using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>An <c>EndpointSlice</c> of <c>discovery.k8s.io/v1</c>: some of the endpoints of a service.</summary>
public sealed record EndpointSlice : KubernetesObject
{
    /// <summary>The label that names the service, in the slice's namespace, that the endpoints belong to.</summary>
    public const string ServiceNameLabel = "kubernetes.io/service-name";

    /// <summary>The annotation that gives the endpoints a weight, 0 to 65535.</summary>
    public const string WeightAnnotation = "service.cilium.io/weight";

    /// <summary>The weight of endpoints that were given none.</summary>
    public const int DefaultWeight = 100;

    /// <inheritdoc/>
    public override ObjectKind Kind => ObjectKind.EndpointSlice;

    /// <summary>What all addresses of the slice are.</summary>
    public required AddressType AddressType { get; init; }

    /// <summary>The ports that every endpoint of the slice serves. Default: none, and then the slice adds no backend.</summary>
    public ImmutableArray<EndpointPort> Ports { get; init; } = [];

    /// <summary>The endpoints. Default: none.</summary>
    public ImmutableArray<Endpoint> Endpoints { get; init; } = [];

    /// <summary>The service that the endpoints belong to; <see langword="null"/> without <see cref="ServiceNameLabel"/>.</summary>
    public ServiceName? ServiceName =>
        Metadata.Labels.TryGetValue(ServiceNameLabel, out var name) && name.Length > 0 ? new(Metadata.Namespace, name) : null;

    /// <summary>
    /// The share of the traffic that each endpoint gets, by <see cref="WeightAnnotation"/>; 0 takes them out of service. Default:
    /// <see cref="DefaultWeight"/>, also while the annotation is invalid.
    /// </summary>
    public int Weight =>
        Metadata.Annotations.TryGetValue(WeightAnnotation, out var text) && AnnotationReader.TryParseWeight(text, out var weight)
            ? weight
            : DefaultWeight;

    /// <summary>Equal in all fields.</summary>
    /// <param name="other">The slice to compare with.</param>
    public bool Equals(EndpointSlice? other) =>
        ReferenceEquals(this, other)
        || (other is not null && AddressType == other.AddressType && Metadata.Equals(other.Metadata)
            && ValueEquality.Same(Ports, other.Ports) && ValueEquality.Same(Endpoints, other.Endpoints));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Metadata, AddressType, Endpoints.AsSpan().Length);
}
