using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>What a <see cref="ClusterLocalRedirectPolicy"/> wants. Ports are paired by the policy alone: pods need not declare them.</summary>
internal sealed class ClusterRedirect : RedirectPlan
{
    private const int Dialled = 0;

    private readonly ClusterLocalRedirectPolicy _policy;
    private readonly RedirectPort[] _ports;
    private readonly IPValue? _override;

    private ClusterRedirect(ClusterLocalRedirectPolicy policy)
    {
        _policy = policy;
        _ports = policy.Backend.Ports.AsSpan().ToArray();
        if (policy.Backend.BackendAddress is { } text && IPValue.TryParse(text, out var address))
            _override = address;
    }

    public static ClusterRedirect Of(ClusterLocalRedirectPolicy policy) => new(policy)
    {
        Policy = policy,
        Priority = PriorityOf(policy, policy.Priority, isNamespaced: false),
        PodNamespace = policy.Backend.Namespace,
        Selector = policy.Backend.Selector,
        Clients = policy.ClientSelector,
        Skips = policy.SkipRedirectFromBackend,
        Drops = policy.OnNoBackend is NoBackendAction.Drop,
        Services = [.. policy.Frontends.Where(static f => f.Service is not null).Select(static f => NameOf(f.Service!)).Distinct()],
        Targets = [.. TargetsOf(policy).DistinctBy(static target => target.Key)],
    };

    /// <summary>The backend port that a frontend port leads to; the validator has seen to it that there is exactly one.</summary>
    public static int PairOf(ClusterFrontendPort port, ReadOnlySpan<RedirectPort> ports)
    {
        foreach (var candidate in ports)
        {
            if (candidate.Protocol == port.Protocol && (port.BackendPort.Length == 0 || candidate.Name == port.BackendPort))
                return candidate.Port;
        }

        return Dialled;
    }

    public override ImmutableArray<NamedBackend> Collect(IReadOnlyList<Pod> ready, NodeView node)
    {
        var addresses = new SortedSet<L4Address>();
        foreach (var ip in _override is null ? ready.SelectMany(pod => pod.AddressesFor(node)) : ready.Select(_ => _override.Value))
        {
            foreach (var port in _ports)
                addresses.Add(ip.WithPort((ushort)port.Port, port.Protocol));
        }

        return [.. addresses.Select(static address => new NamedBackend(new(address), []))];
    }

    public override ImmutableArray<Backend> Select(RedirectSelection selection, ServiceName service, L4Address address, string portName)
    {
        foreach (var frontend in _policy.Frontends)
        {
            if (frontend.Service is { } reference && NameOf(reference) == service && PortFor(frontend, address, portName) is { } port)
                return Backends(selection, address, port == Dialled ? address.Port : port);
        }

        return default;
    }

    public override ImmutableArray<Backend> Select(RedirectSelection selection, TargetPlan target) => Backends(
        selection, target.Key.First, target.BackendPort == Dialled && target.Key.IsExact ? target.Key.First.Port : target.BackendPort);

    private static ServiceName NameOf(ServiceReference reference) => new(reference.Namespace, reference.Name);

    private static IEnumerable<TargetPlan> TargetsOf(ClusterLocalRedirectPolicy policy)
    {
        foreach (var frontend in policy.Frontends)
        {
            foreach (var text in frontend.Addresses)
            {
                _ = IPRange.TryParseAny(text, out var range, out _);
                foreach (var port in frontend.Ports)
                {
                    var first = range.First.WithPort((ushort)port.Port, port.Protocol);
                    var key = new TargetKey(first, (ushort)(port.EndPort ?? port.Port), range.Length);
                    yield return new(key, "", PairOf(port, policy.Backend.Ports.AsSpan()));
                }
            }
        }
    }

    /// <summary>The backend port for a frontend of the service; <see langword="null"/> if it is not meant.</summary>
    private int? PortFor(ClusterRedirectFrontend frontend, L4Address address, string portName)
    {
        foreach (var port in frontend.Ports)
        {
            if (port.Protocol == address.Protocol && address.Port >= port.Port && address.Port <= (port.EndPort ?? port.Port))
                return PairOf(port, _ports);
        }

        if (!frontend.Ports.IsEmpty)
            return null;
        if (_ports.Length == 0)
            return Dialled;
        var sameProtocol = Array.FindAll(_ports, port => port.Protocol == address.Protocol);
        var named = Array.Find(sameProtocol, port => port.Name.Length > 0 && port.Name.Equals(portName, StringComparison.OrdinalIgnoreCase));
        return named?.Port ?? (sameProtocol is [var only] ? only.Port : null);
    }

    private ImmutableArray<Backend> Backends(RedirectSelection selection, L4Address address, int port)
    {
        if (_override is { } ip)
            return selection.ReadyPods > 0 && ip.IsIPv4 == address.IsIPv4 ? [new(ip.WithPort((ushort)port, address.Protocol))] : [];
        return
        [
            .. selection.Addresses.Where(candidate => candidate.IsIPv4 == address.IsIPv4)
                .Select(candidate => candidate.WithPort((ushort)port, address.Protocol)).Order().Select(static backend => new Backend(backend)),
        ];
    }
}
