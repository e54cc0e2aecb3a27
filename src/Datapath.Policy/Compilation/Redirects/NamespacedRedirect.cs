using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Datapath.Policy;

/// <summary>What a <see cref="CiliumLocalRedirectPolicy"/> wants.</summary>
internal sealed class NamespacedRedirect : RedirectPlan
{
    /// <summary>The ports of the frontend; empty for all ports of a service.</summary>
    private readonly RedirectPort[] _frontendPorts;

    /// <summary>The ports of the pods that can be meant.</summary>
    private readonly RedirectPort[] _backendPorts;

    private NamespacedRedirect(RedirectPort[] frontendPorts, RedirectPort[] backendPorts)
    {
        // One frontend port leads to one backend port, whatever their names are.
        (_frontendPorts, _backendPorts) = (frontendPorts, frontendPorts.Length == 1 ? backendPorts[..1] : backendPorts);
        NamesMatter = frontendPorts.Length > 1 || (frontendPorts.Length == 0 && backendPorts.Length > 1);
    }

    /// <summary>Whether ports are paired by name.</summary>
    public bool NamesMatter { get; }

    public static NamespacedRedirect Of(CiliumLocalRedirectPolicy policy)
    {
        var service = policy.Frontend.ServiceMatcher;
        var address = policy.Frontend.AddressMatcher;
        var ports = (service?.ToPorts ?? address!.ToPorts).AsSpan().ToArray();
        return new(ports, policy.Backend.ToPorts.AsSpan().ToArray())
        {
            Policy = policy,
            Priority = PriorityOf(policy, 0, isNamespaced: true),
            PodNamespace = policy.Metadata.Namespace,
            Selector = policy.Backend.LocalEndpointSelector,
            Skips = policy.SkipRedirectFromBackend,
            Drops = policy.OnNoBackend is NoBackendAction.Drop,
            Services = service is null ? [] : [new(service.Namespace, service.ServiceName)],
            Targets = address is null ? [] : [.. TargetsOf(address, ports).DistinctBy(static target => target.Key)],
        };
    }

    public override ImmutableArray<NamedBackend> Collect(IReadOnlyList<Pod> ready, NodeView node)
    {
        var found = new SortedDictionary<L4Address, SortedSet<string>>();
        foreach (var pod in ready)
        {
            var ips = pod.AddressesFor(node).ToList();
            foreach (var (port, protocol, name) in PortsOf(pod))
            {
                foreach (var ip in ips)
                {
                    var address = ip.WithPort((ushort)port, protocol);
                    if (!found.TryGetValue(address, out var names))
                        found.Add(address, names = new(StringComparer.Ordinal));
                    if (name.Length > 0)
                        names.Add(name);
                }
            }
        }

        return [.. found.Select(static pair => new NamedBackend(new(pair.Key), [.. pair.Value]))];
    }

    public override ImmutableArray<Backend> Select(RedirectSelection selection, ServiceName service, L4Address address, string portName) =>
        IsMeant(address, portName) ? SelectFitting(selection, address, portName) : default;

    public override ImmutableArray<Backend> Select(RedirectSelection selection, TargetPlan target) =>
        SelectFitting(selection, target.Key.First, target.PortName);

    private static IEnumerable<TargetPlan> TargetsOf(RedirectAddressMatcher matcher, RedirectPort[] ports)
    {
        _ = IPValue.TryParse(matcher.IP, out var ip);
        foreach (var port in ports)
            yield return new(TargetKey.Of(ip.WithPort((ushort)port.Port, port.Protocol)), ports.Length > 1 ? port.Name : "", BackendPort: 0);
    }

    private static ImmutableArray<Backend> SelectFitting(RedirectSelection selection, L4Address address, string portName)
    {
        var count = 0;
        foreach (var backend in selection.Backends)
            count += backend.Fits(address, portName) ? 1 : 0;
        var fitting = new Backend[count];
        foreach (var backend in selection.Backends)
        {
            if (backend.Fits(address, portName))
                fitting[^count--] = backend.Backend;
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(fitting);
    }

    private bool IsMeant(L4Address address, string portName)
    {
        if (_frontendPorts.Length > 0 && !Array.Exists(_frontendPorts, port => port.Port == address.Port && port.Protocol == address.Protocol))
            return false;
        if (NamesMatter && _backendPorts.Length > 1 && !IsBackendName(portName))
            return false;
        return Array.Exists(_backendPorts, port => port.Protocol == address.Protocol);
    }

    private bool IsBackendName(string name) =>
        Array.Exists(_backendPorts, port => port.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>
    /// The declared ports of a pod that are meant. A pod that declares none at all serves the first backend port, as Kubernetes takes
    /// declarations for information; where names decide there is nothing to go by.
    /// </summary>
    private IEnumerable<(int Port, L4Protocol Protocol, string Name)> PortsOf(Pod pod)
    {
        var declaresAny = false;
        foreach (var port in pod.DeclaredPorts)
        {
            declaresAny = true;
            if (!Array.Exists(_backendPorts, wanted => wanted.Port == port.Port && wanted.Protocol == port.Protocol))
                continue;
            if (!NamesMatter)
                yield return (port.Port, port.Protocol, "");
            else if (IsBackendName(port.Name))
                yield return (port.Port, port.Protocol, port.Name.ToLowerInvariant());
        }

        if (!declaresAny && !NamesMatter)
            yield return (_backendPorts[0].Port, _backendPorts[0].Protocol, "");
    }
}
