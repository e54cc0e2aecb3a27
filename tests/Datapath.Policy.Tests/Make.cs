using System.Collections.Immutable;

namespace Datapath.Policy.Tests;

/// <summary>Short ways to make objects.</summary>
internal static class Make
{
    public static Service Service(string name, string? clusterIP = "10.96.0.1", params ReadOnlySpan<ServicePort> ports) => new()
    {
        Metadata = new() { Name = name },
        Spec = new() { ClusterIP = clusterIP, Ports = ports.IsEmpty ? [new() { Port = 80 }] : [.. ports] },
    };

    public static EndpointSlice Slice(string name, string service, params ReadOnlySpan<Endpoint> endpoints) => new()
    {
        Metadata = Labelled(name, EndpointSlice.ServiceNameLabel, service),
        AddressType = AddressType.IPv4,
        Ports = [new() { Port = 8080 }],
        Endpoints = [.. endpoints],
    };

    public static Endpoint Endpoint(string address, EndpointConditions conditions = default, string? node = null) =>
        new() { Addresses = [address], Conditions = conditions, NodeName = node };

    public static ObjectMeta Labelled(string name, string label, string value) =>
        new() { Name = name, Labels = ImmutableDictionary<string, string>.Empty.Add(label, value) };

    public static T With<T>(this T item, Func<ObjectMeta, ObjectMeta> change) where T : KubernetesObject =>
        item with { Metadata = change(item.Metadata) };

    public static PolicyCompiler Compiler(params ReadOnlySpan<KubernetesObject> objects)
    {
        var compiler = new PolicyCompiler(new() { Name = "node-a" });
        compiler.Apply(ObjectBatch.Upsert(objects));
        return compiler;
    }

    public static DesiredService? Find(this PolicyCompiler compiler, string name) =>
        compiler.State.Services.GetValueOrDefault(new ServiceName("default", name));

    public static ObjectStatus Status(this PolicyCompiler compiler, KubernetesObject item)
    {
        Assert.That(compiler.TryGetStatus(item.Key, out var status), $"{item.Key} has a status");
        return status!;
    }

    public static string[] Texts(this Frontend frontend) => [.. frontend.Backends.Select(backend => $"{backend.Address} {backend.State}")];
}
