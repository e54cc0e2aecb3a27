using System.Net;
using System.Net.Sockets;

namespace Datapath.Policy.Tests.Compilation.Naive;

/// <summary>The ports of the node that its pods ask for: a service for each pod and port number.</summary>
internal static class NaiveHostPorts
{
    public static IEnumerable<NaiveClaimant> Of(NaiveCluster cluster) =>
        from pod in cluster.LocalPods
        where cluster.Node.KubeProxyReplacement && pod.Status.Phase is PodPhase.Running && !pod.Spec.HostNetwork && !pod.IsTerminating
        from sameNumber in Ports(pod).Where(port => port.HostPort > 0 && !cluster.Node.NodePortRange.Contains(port.HostPort))
            .GroupBy(port => port.HostPort)
        let name = new ServiceName(pod.Metadata.Namespace, $"{pod.Metadata.Name}:host-port:{sameNumber.Key}:{pod.Metadata.Uid}")
        let frontends = sameNumber.SelectMany(port => Frontends(port, pod, cluster)).DistinctBy(frontend => frontend.Address)
            .OrderBy(frontend => frontend.Address.Protocol).ThenBy(frontend => frontend.Address).ToList()
        where frontends.Count > 0
        select new NaiveClaimant(name, pod.Metadata, IsPod: true, frontends);

    /// <summary>The ports that containers declare, those of init containers only if they keep running.</summary>
    public static IEnumerable<ContainerPort> Ports(Pod pod) =>
        pod.Spec.Containers.Concat(pod.Spec.InitContainers.Where(container => container.IsSidecar)).SelectMany(container => container.Ports);

    private static IEnumerable<Frontend> Frontends(ContainerPort port, Pod pod, NaiveCluster cluster)
    {
        var (addresses, flag) = Addresses(port, pod);
        return
            from ip in addresses
            let address = new L4Address(ip, (ushort)port.HostPort, port.Protocol)
            where cluster.HasFamily(address)
            let frontend = new Frontend { Address = address, Type = FrontendType.HostPort, Flags = FrontendFlags.HostPort | flag }
            let backends = pod.Addresses.Select(text => new L4Address(IPAddress.Parse(text), (ushort)port.Port, port.Protocol)).Distinct()
            select NaiveBackends.Fill(frontend, backends.Where(backend => backend.IsIPv4 == address.IsIPv4).Select(backend => new Backend(backend))) with
            {
                Flags = frontend.Flags | NaiveFlags.Routable(frontend, cluster.Node) | NaiveFlags.DirectReturn(frontend, cluster.Node),
                IsAtNode = NaiveFlags.IsAtNode(frontend, cluster.Node),
                UsesMaglev = NaiveFlags.UsesMaglev(FrontendType.HostPort, cluster.Node),
            };
    }

    private static (IEnumerable<IPAddress> Addresses, FrontendFlags Flag) Addresses(ContainerPort port, Pod pod)
    {
        if (string.IsNullOrEmpty(port.HostIP))
            return (pod.Addresses.Select(IPAddress.Parse).Select(Unspecified).Distinct(), FrontendFlags.None);
        var ip = IPAddress.Parse(port.HostIP);
        if (ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any))
            return ([], FrontendFlags.None);
        return IPAddress.IsLoopback(ip) ? ([Unspecified(ip)], FrontendFlags.LoopbackOrDelegate) : ([ip], FrontendFlags.None);
    }

    private static IPAddress Unspecified(IPAddress ip) =>
        ip.AddressFamily is AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any;
}
