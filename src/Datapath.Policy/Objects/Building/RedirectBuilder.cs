namespace Datapath.Policy;

/// <summary>
/// Makes a redirect policy in code: dials to addresses or services go to ready pods on the same node. The outcome is a
/// <see cref="ClusterLocalRedirectPolicy"/>.
/// </summary>
/// <remarks>Each call changes the builder and returns it. <see cref="Build"/> may be called repeatedly.</remarks>
public sealed class RedirectBuilder
{
    private ClusterLocalRedirectPolicy _policy;

    /// <summary>Starts a policy that redirects nothing.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="podNamespace">The namespace of the pods.</param>
    /// <param name="podSelector">The pods, as a label selector, for example <c>app=proxy</c>.</param>
    /// <exception cref="FormatException">The selector is none.</exception>
    public RedirectBuilder(string name, string podNamespace, string podSelector)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(podNamespace);
        ArgumentNullException.ThrowIfNull(podSelector);
        _policy = new()
        {
            Metadata = new() { Name = name },
            Frontends = [],
            Backend = new() { Namespace = podNamespace, Selector = SelectorOf(podSelector) },
        };
    }

    /// <summary>Redirects all ports of a service.</summary>
    /// <param name="namespace">The namespace of the service.</param>
    /// <param name="name">Its name.</param>
    public RedirectBuilder Service(string @namespace, string name)
    {
        ArgumentNullException.ThrowIfNull(@namespace, nameof(@namespace));
        ArgumentNullException.ThrowIfNull(name);
        return Add(new() { Service = new(@namespace, name) });
    }

    /// <summary>Redirects a port of an address, or of a range in CIDR form.</summary>
    /// <param name="address">For example <c>169.254.169.254</c> or <c>10.0.0.0/8</c>.</param>
    /// <param name="port">The port that is dialled.</param>
    /// <param name="protocol">The protocol. Default: TCP.</param>
    /// <param name="lastPort">The last of a range of ports. Default: it is one port.</param>
    /// <param name="backendPort">The name of the pods' port that it leads to. Default: the only one of the protocol.</param>
    public RedirectBuilder Address(string address, int port, L4Protocol protocol = L4Protocol.Tcp, int? lastPort = null, string backendPort = "")
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(backendPort);
        return Add(new() { Addresses = [address], Ports = [new() { Port = port, EndPort = lastPort, Protocol = protocol, BackendPort = backendPort }] });
    }

    /// <summary>Adds a port of the pods. Without any, dials keep their port.</summary>
    /// <param name="port">The port, 1 to 65535.</param>
    /// <param name="protocol">The protocol. Default: TCP.</param>
    /// <param name="name">Its name; needed if there are several. Default: none.</param>
    public RedirectBuilder ToPort(int port, L4Protocol protocol = L4Protocol.Tcp, string name = "")
    {
        ArgumentNullException.ThrowIfNull(name);
        var backend = _policy.Backend;
        _policy = _policy with { Backend = backend with { Ports = backend.Ports.Add(new() { Port = port, Protocol = protocol, Name = name }) } };
        return this;
    }

    /// <summary>Refuses dials while no pod is ready, rather than letting them go where they would without the policy.</summary>
    public RedirectBuilder DropWithoutBackend() => With(static policy => policy with { OnNoBackend = NoBackendAction.Drop });

    /// <summary>Leaves the dials of the pods themselves alone.</summary>
    public RedirectBuilder SkipFromBackend() => With(static policy => policy with { SkipRedirectFromBackend = true });

    /// <summary>Changes whatever has no call of its own.</summary>
    /// <param name="change">Gives the changed policy.</param>
    /// <exception cref="ArgumentException">It gives <see langword="null"/>.</exception>
    public RedirectBuilder With(Func<ClusterLocalRedirectPolicy, ClusterLocalRedirectPolicy> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        _policy = change(_policy) ?? throw new ArgumentException("must give a policy, not null", nameof(change));
        return this;
    }

    /// <summary>The policy.</summary>
    public ClusterLocalRedirectPolicy Build() => _policy;

    private static LabelSelector SelectorOf(string text) => LabelSelector.TryParse(text, out var selector)
        ? selector
        : throw new FormatException($"'{text}' is no label selector; an example is app=proxy,tier!=test");

    private RedirectBuilder Add(ClusterRedirectFrontend frontend) => With(policy => policy with { Frontends = policy.Frontends.Add(frontend) });
}
