using System.Collections.Immutable;
using Datapath.Bench.Lab;
using Datapath.Policy;

namespace Datapath.Bench.ControlPlane;

/// <summary>Services and their EndpointSlices, as a source hands them over: parsed, in memory.</summary>
internal static class ClusterObjects
{
    public static ObjectBatch All(int services)
    {
        var objects = ImmutableArray.CreateBuilder<KubernetesObject>(2 * services);
        for (var number = 0; number < services; number++)
        {
            objects.Add(Service(number));
            objects.Add(Slice(number, firstBackend: number * Addresses.BackendsPerService));
        }

        return new(objects.DrainToImmutable(), [], []);
    }

    /// <summary>The EndpointSlice of a service.</summary>
    /// <param name="number">The service.</param>
    /// <param name="firstBackend">The number of its first backend.</param>
    public static EndpointSlice Slice(int number, int firstBackend) => new()
    {
        Metadata = new()
        {
            Name = $"service-{number}-x7k2p",
            Namespace = "bench",
            Labels = ImmutableDictionary<string, string>.Empty.Add(EndpointSlice.ServiceNameLabel, $"service-{number}"),
        },
        AddressType = AddressType.IPv4,
        Ports = [new() { Name = "http", Port = Addresses.BackendPort }],
        Endpoints = [.. Enumerable.Range(firstBackend, Addresses.BackendsPerService).Select(Endpoint)],
    };

    private static Endpoint Endpoint(int backend) => new()
    {
        Addresses = [Addresses.Backend4(backend).ToString()],
        Conditions = new(Ready: true, Serving: true, Terminating: false),
        NodeName = $"node-{backend % 100}",
    };

    private static Service Service(int number) => new()
    {
        Metadata = new() { Name = $"service-{number}", Namespace = "bench", CreationTimestamp = DateTimeOffset.UnixEpoch.AddSeconds(number) },
        Spec = new()
        {
            ClusterIP = Addresses.Service4(number).ToString(),
            ClusterIPs = [Addresses.Service4(number).ToString()],
            IPFamilies = [IPFamily.IPv4],
            Ports = [new() { Name = "http", Port = Addresses.ServicePort }],
        },
    };
}
