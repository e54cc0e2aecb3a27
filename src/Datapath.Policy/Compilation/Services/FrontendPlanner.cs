namespace Datapath.Policy;

/// <summary>The frontends of a service that is neither headless nor left to others.</summary>
internal ref struct FrontendPlanner
{
    private readonly ServiceSpec _spec;
    private readonly NodeView _node;
    private readonly ServiceType? _only;
    private readonly List<FrontendPlan> _frontends;
    private HashSet<(L4Address, FrontendScope)>? _seen;

    private FrontendPlanner(ServiceSpec spec, ServiceAnnotations annotations, NodeView node, int capacity) =>
        (_spec, _node, _only, _frontends) = (spec, node, annotations.Type, new(capacity));

    public static FrontendPlan[] Plan(Service service, ServiceAnnotations annotations, NodeView node)
    {
        var planner = new FrontendPlanner(service.Spec, annotations, node, service.Spec.Ports.AsSpan().Length);
        planner.AddClusterIPs();
        if (service.Spec.Type is ServiceType.NodePort or ServiceType.LoadBalancer)
            planner.AddNodePorts();
        if (service.Spec.Type is ServiceType.LoadBalancer)
            planner.AddLoadBalancers(service.Status);
        planner.AddExternalIPs();
        return [.. planner._frontends];
    }

    private void AddClusterIPs()
    {
        if (_only is not (null or ServiceType.ClusterIP))
            return;
        if (_spec.ClusterIPs.AsSpan() is { IsEmpty: false } all)
        {
            foreach (var text in all)
                AddAll(text, FrontendType.ClusterIP);
        }
        else if (!string.IsNullOrEmpty(_spec.ClusterIP))
        {
            AddAll(_spec.ClusterIP, FrontendType.ClusterIP);
        }
    }

    private void AddNodePorts()
    {
        if (!_node.Configuration.KubeProxyReplacement || _only is not (null or ServiceType.NodePort))
            return;
        AddNodePorts(isIPv4: true);
        AddNodePorts(isIPv4: false);
    }

    private void AddNodePorts(bool isIPv4)
    {
        if (!HasFamily(isIPv4))
            return;
        foreach (var port in _spec.Ports.AsSpan())
        {
            if (port.NodePort != 0)
                Add(L4Address.Unspecified(isIPv4, (ushort)port.NodePort, port.Protocol), port.Name, FrontendType.NodePort);
        }
    }

    private void AddLoadBalancers(ServiceStatus status)
    {
        if (_only is not (null or ServiceType.LoadBalancer))
            return;
        foreach (var ingress in status.LoadBalancerIngress.AsSpan())
        {
            if (!string.IsNullOrEmpty(ingress.IP) && ingress.IPMode is IPMode.Vip)
                AddAll(ingress.IP, FrontendType.LoadBalancer);
        }
    }

    private void AddExternalIPs()
    {
        if (_only is not null || !_node.Configuration.EnableExternalIPs)
            return;
        foreach (var text in _spec.ExternalIPs.AsSpan())
            AddAll(text, FrontendType.ExternalIPs);
    }

    private void AddAll(string text, FrontendType type)
    {
        if (!IPValue.TryParse(text, out var ip))
            return; // a missing address is written as an empty text
        foreach (var port in _spec.Ports.AsSpan())
            Add(ip.WithPort((ushort)port.Port, port.Protocol), port.Name, type);
    }

    private void Add(L4Address address, string portName, FrontendType type)
    {
        if (!_node.Wants(address.IsIPv4) || (type is FrontendType.LoadBalancer or FrontendType.ExternalIPs && IsNodePort(address)))
            return;
        AddOne(new(address, portName, type, FrontendScope.External));
        var hasTwoScopes = type is FrontendType.NodePort or FrontendType.LoadBalancer && _spec.InternalTrafficPolicy != _spec.ExternalTrafficPolicy;
        if (hasTwoScopes)
            AddOne(new(address, portName, type, FrontendScope.Internal));
    }

    /// <summary>A port of the node's own addresses in the node port range is a node port and nothing else.</summary>
    private readonly bool IsNodePort(L4Address address) =>
        _node.Configuration.KubeProxyReplacement && _node.Configuration.NodePortRange.Contains(address.Port) && _node.IsNodePort(address);

    private void AddOne(FrontendPlan frontend)
    {
        if (!IsNew(frontend.Address, frontend.Scope))
            return;
        _frontends.Add(frontend);
    }

    private bool IsNew(L4Address address, FrontendScope scope)
    {
        const int FewEnoughToScan = 16;
        if (_seen is null && _frontends.Count < FewEnoughToScan)
        {
            foreach (var other in _frontends)
            {
                if (other.Address == address && other.Scope == scope)
                    return false;
            }

            return true;
        }

        _seen ??= [.. _frontends.Select(static frontend => (frontend.Address, frontend.Scope))];
        return _seen.Add((address, scope));
    }

    private readonly bool HasFamily(bool isIPv4)
    {
        if (_spec.IPFamilies.AsSpan() is { IsEmpty: false } families)
            return families.Contains(isIPv4 ? IPFamily.IPv4 : IPFamily.IPv6);
        if (_spec.ClusterIPs.AsSpan() is { IsEmpty: false } all)
        {
            foreach (var text in all)
            {
                if (IPValue.TryParse(text, out var ip) && ip.IsIPv4 == isIPv4)
                    return true;
            }

            return false;
        }

        return IPValue.TryParse(_spec.ClusterIP, out var only) && only.IsIPv4 == isIPv4;
    }
}
