using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Datapath.Policy;

/// <summary>
/// Makes a service and its endpoints in code, for hosts without Kubernetes. What it makes is what manifests would give, and is checked in
/// the same way when it is compiled.
/// </summary>
/// <remarks>Each call changes the builder and returns it. <see cref="Build"/> may be called repeatedly.</remarks>
public sealed class ServiceBuilder
{
    /// <summary>As many endpoints as a slice may have.</summary>
    private const int MostEndpoints = EndpointSliceValidator.MostEndpoints;

    private readonly List<Endpoint> _endpoints = [];
    private ObjectMeta _metadata;
    private ServiceSpec _spec = new();

    /// <summary>Starts a service without addresses, ports and backends.</summary>
    /// <param name="namespace">Its namespace, a DNS label.</param>
    /// <param name="name">Its name, a DNS label.</param>
    public ServiceBuilder(string @namespace, string name) => _metadata = new() { Namespace = @namespace, Name = name };

    /// <summary>Adds addresses that clients dial, of either family.</summary>
    /// <param name="addresses">The addresses.</param>
    public ServiceBuilder ClusterIP(params ReadOnlySpan<string> addresses)
    {
        var all = _spec.ClusterIPs.AddRange(addresses);
        _spec = _spec with { ClusterIP = all.IsEmpty ? null : all[0], ClusterIPs = all };
        return this;
    }

    /// <summary>Adds a port.</summary>
    /// <param name="port">The port that clients dial, 1 to 65535.</param>
    /// <param name="targetPort">The port of the backends, 1 to 65535. Default: the same.</param>
    /// <param name="protocol">The protocol. Default: TCP.</param>
    /// <param name="name">Its name; needed if there are several ports. Default: none.</param>
    public ServiceBuilder Port(int port, int? targetPort = null, L4Protocol protocol = L4Protocol.Tcp, string name = "")
    {
        _spec = _spec with { Ports = _spec.Ports.Add(new() { Port = port, TargetPort = new(targetPort ?? port), Protocol = protocol, Name = name }) };
        return this;
    }

    /// <summary>Adds a backend.</summary>
    /// <param name="address">Its address, of either family.</param>
    /// <param name="nodeName">The node it runs on. Default: none, and then it is local everywhere.</param>
    /// <param name="conditions">What it may be used for. Default: everything.</param>
    public ServiceBuilder Backend(string address, string? nodeName = null, EndpointConditions conditions = default)
    {
        _endpoints.Add(new() { Addresses = [address], NodeName = nodeName, Conditions = conditions });
        return this;
    }

    /// <summary>Sets a label.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    public ServiceBuilder Label(string key, string value)
    {
        _metadata = _metadata with { Labels = _metadata.Labels.SetItem(key, value) };
        return this;
    }

    /// <summary>Sets an annotation, for example one of those that <see cref="ServiceAnnotations"/> names.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    public ServiceBuilder Annotation(string key, string value)
    {
        _metadata = _metadata with { Annotations = _metadata.Annotations.SetItem(key, value) };
        return this;
    }

    /// <summary>Says how old it is. Of two services that claim one address the older keeps it.</summary>
    /// <param name="time">When it was created. Default: not known, which counts as younger than all others.</param>
    public ServiceBuilder CreatedAt(DateTimeOffset time)
    {
        _metadata = _metadata with { CreationTimestamp = time };
        return this;
    }

    /// <summary>Changes whatever has no call of its own.</summary>
    /// <param name="change">Gives the changed specification.</param>
    public ServiceBuilder With(Func<ServiceSpec, ServiceSpec> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        _spec = change(_spec);
        return this;
    }

    /// <summary>The service and, for each family that it has backends of, a slice with them, or several if they are very many.</summary>
    /// <remarks>If an earlier build gave slices that this one does not, they have to be deleted.</remarks>
    public ImmutableArray<KubernetesObject> Build()
    {
        var objects = ImmutableArray.CreateBuilder<KubernetesObject>();
        objects.Add(new Service { Metadata = _metadata, Spec = _spec });
        foreach (var family in _endpoints.GroupBy(static endpoint => TypeOf(endpoint.Addresses[0])))
            objects.AddRange(family.Chunk(MostEndpoints).Select((endpoints, index) => SliceOf(family.Key, index, [.. endpoints])));
        return objects.DrainToImmutable();
    }

    /// <summary>An address that is none counts as IPv4: the check of the slice names it.</summary>
    private static AddressType TypeOf(string address) =>
        IPAddress.TryParse(address, out var ip) && ip.AddressFamily is AddressFamily.InterNetworkV6 ? AddressType.IPv6 : AddressType.IPv4;

    private EndpointSlice SliceOf(AddressType type, int index, ImmutableArray<Endpoint> endpoints) => new()
    {
        Metadata = new()
        {
            Namespace = _metadata.Namespace,
            Name = string.Create(CultureInfo.InvariantCulture, $"{_metadata.Name}-{type.ToString().ToLowerInvariant()}{(index == 0 ? "" : $"-{index + 1}")}"),
            Labels = ImmutableDictionary<string, string>.Empty.Add(EndpointSlice.ServiceNameLabel, _metadata.Name),
        },
        AddressType = type,
        Ports = [.. _spec.Ports.Select(port => new EndpointPort { Name = port.Name, Protocol = port.Protocol, Port = port.TargetPort.Number ?? port.Port })],
        Endpoints = endpoints,
    };
}
