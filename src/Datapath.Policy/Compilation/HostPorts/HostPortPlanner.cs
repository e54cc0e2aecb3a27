using System.Collections.Immutable;
using System.Globalization;

namespace Datapath.Policy;

/// <summary>The host ports of a pod.</summary>
internal static class HostPortPlanner
{
    /// <summary>What the pod claims on the node, by the name of the service that each port stands for.</summary>
    public static Dictionary<ServiceName, HostPortFrontend[]> Plan(Pod pod, NodeView node)
    {
        var ports = new Dictionary<ServiceName, List<HostPortFrontend>>();
        if (IsServed(pod, node))
        {
            foreach (var port in pod.DeclaredPorts)
            {
                if (port.HostPort != 0 && !node.Configuration.NodePortRange.Contains(port.HostPort))
                    Add(ports, pod, port, node);
            }
        }

        return ports.ToDictionary(static pair => pair.Key, static pair => Ordered(pair.Value));
    }

    /// <summary>A pod on the host's network has its ports there already; one that ends must free them for its successor.</summary>
    private static bool IsServed(Pod pod, NodeView node) =>
        node.Configuration.KubeProxyReplacement && node.Runs(pod) && !pod.Spec.HostNetwork && !pod.IsTerminating
        && pod.Status.Phase is PodPhase.Running;

    private static void Add(Dictionary<ServiceName, List<HostPortFrontend>> ports, Pod pod, ContainerPort port, NodeView node)
    {
        var ips = pod.AddressesFor(node).ToList();
        if (string.IsNullOrEmpty(port.HostIP))
        {
            AddFamily(isIPv4: true);
            AddFamily(isIPv4: false);
        }
        else if (IPValue.TryParse(port.HostIP, out var ip) && !ip.IsUnspecified && node.Wants(ip.IsIPv4))
        {
            AddOne(ip.IsLoopback ? Unspecified(ip.IsIPv4) : ip.WithPort((ushort)port.HostPort, port.Protocol), ip.IsLoopback);
        }

        void AddFamily(bool isIPv4)
        {
            if (ips.Exists(ip => ip.IsIPv4 == isIPv4))
                AddOne(Unspecified(isIPv4), isLoopback: false);
        }

        void AddOne(L4Address address, bool isLoopback)
        {
            var name = NameOf(pod, port.HostPort);
            if (!ports.TryGetValue(name, out var list))
                ports.Add(name, list = []);
            if (!list.Exists(frontend => frontend.Address == address))
                list.Add(new(address, isLoopback, Backends(ips, port, address.IsIPv4)));
        }

        L4Address Unspecified(bool isIPv4) => L4Address.Unspecified(isIPv4, (ushort)port.HostPort, port.Protocol);
    }

    private static ImmutableArray<Backend> Backends(List<IPValue> ips, ContainerPort port, bool isIPv4) =>
    [
        .. ips.Where(ip => ip.IsIPv4 == isIPv4).Select(ip => ip.WithPort((ushort)port.Port, port.Protocol)).Distinct().Order()
            .Select(static address => new Backend(address)),
    ];

    private static HostPortFrontend[] Ordered(List<HostPortFrontend> frontends) =>
        [.. frontends.OrderBy(static frontend => frontend.Address.Protocol).ThenBy(static frontend => frontend.Address)];

    private static ServiceName NameOf(Pod pod, int port) => new(
        pod.Metadata.Namespace, string.Create(CultureInfo.InvariantCulture, $"{pod.Metadata.Name}:host-port:{port}:{pod.Metadata.Uid}"));
}
