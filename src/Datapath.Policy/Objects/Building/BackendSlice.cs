using System.Collections.Immutable;
using System.Globalization;

namespace Datapath.Policy;

/// <summary>Backends of one family and one weight, as a slice holds them.</summary>
/// <param name="number">Its number within the service, which its name tells.</param>
/// <param name="type">The family.</param>
/// <param name="weight">The weight.</param>
internal sealed class BackendSlice(int number, AddressType type, int weight)
{
    public int Number { get; } = number;

    public AddressType Type { get; } = type;

    public int Weight { get; } = weight;

    /// <summary>The backends, by their addresses in the one way of writing them.</summary>
    public OrderedDictionary<string, ServiceBackend> Backends { get; } = new(StringComparer.Ordinal);

    public EndpointSlice ToObject(Service service) => new()
    {
        Metadata = new()
        {
            Namespace = service.Metadata.Namespace,
            Name = string.Create(CultureInfo.InvariantCulture, $"{service.Metadata.Name}-{Number}"),
            Labels = ImmutableDictionary<string, string>.Empty.Add(EndpointSlice.ServiceNameLabel, service.Metadata.Name),
            Annotations = Weight == EndpointSlice.DefaultWeight
                ? ImmutableDictionary<string, string>.Empty
                : ImmutableDictionary<string, string>.Empty.Add(EndpointSlice.WeightAnnotation, Weight.ToString(CultureInfo.InvariantCulture)),
        },
        AddressType = Type,
        Ports = [.. service.Spec.Ports.Select(static port => new EndpointPort { Name = port.Name, Protocol = port.Protocol, Port = port.TargetPort.Number ?? port.Port })],
        Endpoints = [.. Backends.Values.Select(static backend => backend.ToEndpoint())],
    };
}
