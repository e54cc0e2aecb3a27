namespace Datapath.Policy;

/// <summary>What a service wants, before its endpoints and the other services are looked at.</summary>
internal sealed class ServicePlan
{
    /// <summary>A service with this label, whatever its value, is headless.</summary>
    public const string HeadlessLabel = "service.kubernetes.io/headless";

    /// <summary>A service with this label is served by the proxy that the label names.</summary>
    public const string ProxyNameLabel = "service.kubernetes.io/service-proxy-name";

    /// <summary>Whatever has no frontends wants none of these.</summary>
    private static readonly L4Address[] s_noAddresses = [];

    private ServicePlan(ObjectCondition condition, string? message) =>
        (Condition, Message, Addresses, PortNames) = (condition, message, s_noAddresses, []);

    private ServicePlan(L4Address[] addresses, string[] portNames, bool isLocal) =>
        (Addresses, PortNames, IsLocal) = (addresses, portNames, isLocal);

    /// <summary>The frontend addresses, each once.</summary>
    public L4Address[] Addresses { get; }

    /// <summary>The name of the service port of each address.</summary>
    public string[] PortNames { get; }

    /// <summary>Whether only backends on this node count.</summary>
    public bool IsLocal { get; }

    /// <summary>Why there are no frontends, if there are none.</summary>
    public ObjectCondition Condition { get; }

    /// <summary>The words for <see cref="Condition"/>.</summary>
    public string? Message { get; }

    /// <summary>Whether the text stands for "no address, by intention".</summary>
    public static bool IsNone(string? clusterIP) => ServiceSpec.NoClusterIP.Equals(clusterIP, StringComparison.OrdinalIgnoreCase);

    public static ServicePlan Of(Service service)
    {
        var spec = service.Spec;
        if (service.Metadata.Labels.TryGetValue(ProxyNameLabel, out var proxy))
            return new(ObjectCondition.Skipped, $"label {ProxyNameLabel} leaves it to the proxy '{proxy}'");
        if (spec.Type is ServiceType.ExternalName)
            return new(ObjectCondition.Accepted, "of type ExternalName, a DNS alias: nothing to program");
        var first = spec.ClusterIPs.AsSpan() is [var head, ..] ? head : spec.ClusterIP;
        if (IsNone(first) || IsNone(spec.ClusterIP) || service.Metadata.Labels.ContainsKey(HeadlessLabel))
            return new(ObjectCondition.Headless, "headless: it has no frontends");
        if (string.IsNullOrEmpty(first))
            return new(ObjectCondition.Accepted, "has no cluster IP: nothing to program until it gets one");
        return WithFrontends(spec, first);
    }

    private static ServicePlan WithFrontends(ServiceSpec spec, string first)
    {
        var ports = spec.Ports.AsSpan();
        var count = Math.Max(1, spec.ClusterIPs.AsSpan().Length);
        var addresses = new L4Address[count * ports.Length];
        var names = new string[addresses.Length];
        var next = 0;
        for (var i = 0; i < count; i++)
        {
            _ = IPValue.TryParse(i == 0 ? first : spec.ClusterIPs[i], out var ip);
            foreach (var port in ports)
            {
                names[next] = port.Name;
                addresses[next++] = ip.WithPort((ushort)port.Port, port.Protocol);
            }
        }

        return new(addresses, names, spec.InternalTrafficPolicy is TrafficPolicy.Local);
    }
}
