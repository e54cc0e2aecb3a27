using System.Net;

namespace Datapath.Policy;

/// <summary>Says what is at an address or near it, beside the frontend that a dial matches.</summary>
internal sealed class Surroundings(CompilerInputs inputs, DesiredState state)
{
    /// <summary>Says what was found, and who gives way to it.</summary>
    public void SayFound(DesiredService service, Frontend frontend, ExplanationBuilder steps)
    {
        var port = frontend.PortName.Length > 0 ? $", port {frontend.PortName}" : "";
        var at = "";
        if (frontend.OtherNodeAddresses.Contains(steps.Destination))
            at = ", served here although the address is another node's";
        else if (frontend.Address.IsUnspecified)
            at = IsOwnHost(steps.Destination) ? ", served to programs of the host on loopback" : ", served at every address of the node";
        var elsewhere = IsElsewhere(frontend) ? ", at an address that is not of this node" : "";
        steps.Say(
            ExplanationTopic.Frontend, applies: !IsElsewhere(frontend), frontend.Address.ToString(),
            $"{frontend.Type} of {Wording.Describe(service.Name)}{port}{at}{elsewhere}");
        if (service.Frontends.Any(other => other.Address == frontend.Address && other.Scope != frontend.Scope))
            steps.Say(ExplanationTopic.Scope, applies: true, frontend.Scope.ToString(), "programs on the node are inside the cluster: internalTrafficPolicy counts, not externalTrafficPolicy");
        SayConflicts(steps);
    }

    /// <summary>Whether the kernel takes a dial to the address for one to loopback.</summary>
    private static bool IsOwnHost(L4Address address) => address.IsUnspecified || IPAddress.IsLoopback(address.Address);

    /// <summary>Whether it is an external IP that the programs of this node reach as if there were no service.</summary>
    public static bool IsElsewhere(Frontend frontend) => frontend is { Type: FrontendType.ExternalIPs, IsAtNode: false };

    /// <summary>Says what has a part of the address, or would have it.</summary>
    public void SayNearMisses(ExplanationBuilder steps)
    {
        foreach (var service in state.Services.Values.OrderBy(static service => service.Name))
        {
            var frontends = service.Frontends.Where(static frontend => frontend.Scope is FrontendScope.External).ToList();
            SaySameIP(service.Name, frontends, steps);
            foreach (var frontend in frontends.Where(frontend => frontend.Address.IsUnspecified && IsSamePort(frontend.Address, steps.Destination)))
            {
                var where = frontend.NodeAddresses.IsEmpty ? "" : $", but at {string.Join(", ", frontend.NodeAddresses)}";
                steps.Say(ExplanationTopic.Frontend, applies: false, Wording.Describe(service.Name), $"has the port, as {frontend.Type}{where}");
            }
        }

        SayWithoutFrontends(steps);
        SayProxied(steps);
        SayConflicts(steps);
    }

    private static void SaySameIP(ServiceName name, List<Frontend> frontends, ExplanationBuilder steps)
    {
        var same = frontends.SelectMany(static frontend => frontend.NodeAddresses.Prepend(frontend.Address))
            .Where(address => address.IsSameIP(steps.Destination)).Distinct().ToList();
        if (same.Count > 0)
            steps.Say(ExplanationTopic.Frontend, applies: false, Wording.Describe(name), $"has the IP address, but at {string.Join(", ", same)}");
    }

    /// <summary>Services that have the address by their manifest, and no frontend all the same.</summary>
    private void SayWithoutFrontends(ExplanationBuilder steps)
    {
        foreach (var entry in inputs.Services.Values.Where(static entry => entry.Plan?.Message is not null).OrderBy(static entry => entry.Name))
        {
            if (Addresses(entry.Plan!.Service).Any(address => address.IsSameIP(steps.Destination)))
                steps.Say(ExplanationTopic.Frontend, applies: false, entry.Description, $"has the IP address, and is not served here: {entry.Plan.Message}");
        }
    }

    /// <summary>Services whose load balancer wants to see the dials itself.</summary>
    private void SayProxied(ExplanationBuilder steps)
    {
        foreach (var entry in inputs.Services.Values.Where(static entry => entry.Plan?.Service.Spec.Type is ServiceType.LoadBalancer).OrderBy(static entry => entry.Name))
        {
            if (entry.Plan!.Service.Status.LoadBalancerIngress.Any(ingress =>
                ingress.IPMode is IPMode.Proxy && IPValue.TryParse(ingress.IP, out var ip) && ip.WithPort(0, L4Protocol.Tcp).IsSameIP(steps.Destination)))
                steps.Say(ExplanationTopic.Frontend, applies: false, entry.Description, "has the IP address, and leaves dials to its load balancer (ipMode Proxy)");
        }
    }

    private void SayConflicts(ExplanationBuilder steps)
    {
        var waiting = inputs.Services.Values.OfType<Claimant>().Concat(inputs.LocalPods.All.SelectMany(static pod => pod.HostPorts))
            .Where(entry => entry.HeldBy is not null && entry.Claimed.Any(claimed => Wants(claimed, steps.Destination)));
        foreach (var entry in waiting.OrderBy(static entry => entry.Priority))
            steps.Say(ExplanationTopic.Frontend, applies: false, entry.Description, $"wants the address too, but {entry.HeldBy!.Description}, which comes first, has {entry.HeldAddress}");
    }

    private bool Wants(L4Address claimed, L4Address address) =>
        claimed == address || (claimed.IsUnspecified && IsSamePort(claimed, address) && inputs.Node.IsNodePort(address));

    private static bool IsSamePort(L4Address left, L4Address right) =>
        left.Port == right.Port && left.Protocol == right.Protocol && left.IsIPv4 == right.IsIPv4;

    private static IEnumerable<L4Address> Addresses(Service service)
    {
        foreach (var text in service.Spec.ClusterIPs.AsSpan().ToArray().Append(service.Spec.ClusterIP).Concat(service.Spec.ExternalIPs.AsSpan().ToArray()))
        {
            if (IPValue.TryParse(text, out var ip))
                yield return ip.WithPort(0, L4Protocol.Tcp);
        }
    }
}
