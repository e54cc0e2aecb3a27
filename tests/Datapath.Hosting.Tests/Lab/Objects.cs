using System.Collections.Immutable;
using Datapath.Policy;

namespace Datapath.Hosting.Tests.Lab;

/// <summary>Short ways to make objects, and manifests of them.</summary>
internal static class Objects
{
    public static Service Service(string name, int address = 1) => new()
    {
        Metadata = new() { Name = name },
        Spec = new() { ClusterIP = $"10.96.{address / 250}.{(address % 250) + 1}", Ports = [new() { Port = 80 }] },
    };

    public static Service NodePortService(string name, int port) => Service(name) with
    {
        Spec = new() { ClusterIP = "10.96.0.2", Type = ServiceType.NodePort, Ports = [new() { Port = 80, NodePort = port }] },
    };

    public static EndpointSlice Slice(string name, string service, string endpoint) => new()
    {
        Metadata = new() { Name = name, Labels = ImmutableDictionary<string, string>.Empty.Add(EndpointSlice.ServiceNameLabel, service) },
        AddressType = AddressType.IPv4,
        Ports = [new() { Port = 8080 }],
        Endpoints = [new() { Addresses = [endpoint] }],
    };

    /// <summary>A pod of the node that tests compile for.</summary>
    public static Pod Pod(string name, int address = 1) => new PodBuilder("default", name).OnNode("node-a").Address($"10.244.0.{address}").Build();

    public static ObjectKey Key(string name) => new(ObjectKind.Service, "default", name);

    public static ServiceName Name(string name) => new("default", name);

    public static string Manifest(string name, int address = 1, int port = 80) => $$"""
        apiVersion: v1
        kind: Service
        metadata: { name: {{name}}, namespace: default }
        spec:
          clusterIP: 10.96.{{address / 250}}.{{(address % 250) + 1}}
          ports: [{ port: {{port}} }]

        """;

    /// <summary>Names and ports, in order: <c>a:80 b:81</c>.</summary>
    public static string Text(IEnumerable<KubernetesObject> objects) => string.Join(
        ' ', objects.OfType<Service>().OrderBy(static s => s.Metadata.Name, StringComparer.Ordinal).Select(static s => $"{s.Metadata.Name}:{s.Spec.Ports[0].Port}"));
}
