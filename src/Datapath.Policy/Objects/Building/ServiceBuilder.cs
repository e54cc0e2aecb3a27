using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>
/// Makes a service and its endpoints in code, for hosts without Kubernetes. What it makes is what manifests would give, and is checked in
/// the same way when it is compiled.
/// </summary>
/// <remarks>Each call changes the builder and returns it. <see cref="Build"/> may be called repeatedly.</remarks>
public sealed class ServiceBuilder
{
    private readonly List<ServiceBackend> _backends = [];
    private ObjectMeta _metadata;
    private ServiceSpec _spec = new();

    /// <summary>Starts a service without addresses, ports and backends.</summary>
    /// <param name="namespace">Its namespace, a DNS label.</param>
    /// <param name="name">Its name, a DNS label.</param>
    public ServiceBuilder(string @namespace, string name)
    {
        ArgumentNullException.ThrowIfNull(@namespace, nameof(@namespace));
        ArgumentNullException.ThrowIfNull(name);
        _metadata = new() { Namespace = @namespace, Name = name };
    }

    /// <summary>The name of the service.</summary>
    public ServiceName Name => new(_metadata.Namespace, _metadata.Name);

    internal IReadOnlyCollection<ServiceBackend> Backends => _backends;

    /// <summary>Adds addresses that clients dial, of either family.</summary>
    /// <param name="addresses">The addresses.</param>
    public ServiceBuilder ClusterIP(params ReadOnlySpan<string> addresses)
    {
        foreach (var address in addresses)
            ArgumentNullException.ThrowIfNull(address, nameof(addresses));
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
        ArgumentNullException.ThrowIfNull(name);
        _spec = _spec with { Ports = _spec.Ports.Add(new() { Port = port, TargetPort = new(targetPort ?? port), Protocol = protocol, Name = name }) };
        return this;
    }

    /// <summary>Adds a backend.</summary>
    /// <param name="address">Its address, of either family.</param>
    /// <param name="nodeName">The node it runs on. Default: none, and then it is local everywhere.</param>
    /// <param name="weight">Its part of new connections in proportion to the other backends', 0 to 65535. Default: 100.</param>
    public ServiceBuilder Backend(string address, string? nodeName = null, int weight = EndpointSlice.DefaultWeight)
    {
        ArgumentNullException.ThrowIfNull(address);
        return Backend(new ServiceBackend(address) { NodeName = nodeName, Weight = weight });
    }

    /// <summary>Adds a backend.</summary>
    /// <param name="backend">The backend.</param>
    public ServiceBuilder Backend(ServiceBackend backend)
    {
        ArgumentNullException.ThrowIfNull(backend);
        _backends.Add(backend);
        return this;
    }

    /// <summary>Sets a label.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    public ServiceBuilder Label(string key, string value)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(value);
        _metadata = _metadata with { Labels = _metadata.Labels.SetItem(key, value) };
        return this;
    }

    /// <summary>Sets an annotation, for example one of those that <see cref="ServiceAnnotations"/> names.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    public ServiceBuilder Annotation(string key, string value)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(value);
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
    /// <exception cref="ArgumentException">It gives <see langword="null"/>.</exception>
    public ServiceBuilder With(Func<ServiceSpec, ServiceSpec> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        _spec = change(_spec) ?? throw new ArgumentException("must give a specification, not null", nameof(change));
        return this;
    }

    /// <summary>The service, and the slices of its backends.</summary>
    /// <remarks>If an earlier build gave slices that this one does not, they have to be deleted; <see cref="ServiceObjects"/> does so.</remarks>
    /// <exception cref="ArgumentException">A backend is there twice.</exception>
    public ImmutableArray<KubernetesObject> Build() => new ServiceObjects(this).All;

    internal Service ToService() => new() { Metadata = _metadata, Spec = _spec };
}
