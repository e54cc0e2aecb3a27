namespace Datapath.Policy.Tests.Compilation.Inputs;

/// <summary>Random endpoint slices.</summary>
internal static class RandomSlices
{
    public static EndpointSlice Slice(Random random) => new()
    {
        Metadata = random.Meta(
            random.Labels((EndpointSlice.ServiceNameLabel, random.Name, 1), (EndpointSlice.ServiceNameLabel, "", 20)),
            random.Labels((EndpointSlice.WeightAnnotation, random.Pick("0", "7", "300", random.Once(8) ? "x" : "8"), 4))),
        AddressType = random.Once(40) ? AddressType.Fqdn : AddressType.IPv4,
        Ports = random.Few(1, 2, index => Port(random, index)),
        Endpoints = random.Few(random.Once(8) ? 0 : 1, 4, () => Endpoint(random)),
    };

    private static Endpoint Endpoint(Random random) => new()
    {
        Addresses = random.Few(1, 2, () => random.Next(200) switch { 0 => "127.0.0.1", 1 => "192.192.192.192", _ => random.PodAddress }),
        Conditions = random.Once(2) ? default : new(random.Maybe(), random.Maybe(), random.Maybe()),
        NodeName = random.Once(4) ? null : random.NodeName,
        Zone = random.Once(8) ? null : random.Zone,
        Hints = random.Once(8) ? null : new EndpointHints { Zones = random.Few(random.Once(8) ? 0 : 1, 2, () => random.Zone) },
    };

    private static EndpointPort Port(Random random, int index) => new()
    {
        Name = random.Once(6) ? "" : random.PortNameAt(index),
        Port = random.Next(24) switch { 0 => null, 1 => 9999, _ => random.PortAt(index) },
        Protocol = random.Protocol,
    };
}
