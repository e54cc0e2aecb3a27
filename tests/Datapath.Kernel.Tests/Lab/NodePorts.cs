using System.Net;

namespace Datapath.Kernel.Tests.Lab;

/// <summary>Services at ports of the node, of both families and both protocols.</summary>
internal static class NodePorts
{
    /// <summary>A service on the unspecified address that leads to a pod.</summary>
    public static DesiredService Service(int number, FrontendType type, ushort port, int pod, params IPAddress[] nodeAddresses) => new(
        ServiceLab.Name(number),
        [
            .. from isIPv4 in new[] { true, false }
               from protocol in new[] { L4Protocol.Tcp, L4Protocol.Udp }
               select Frontend(L4Address.Unspecified(isIPv4, port, protocol), pod) with
               {
                   Type = type,
                   NodeAddresses = [.. nodeAddresses.Select(ip => new L4Address(ip, port, protocol)).Where(a => a.IsIPv4 == isIPv4)],
               },
        ]);

    /// <summary>A frontend that leads to a pod.</summary>
    public static Frontend Frontend(L4Address address, int pod) => new()
    {
        Address = address,
        Backends = [new(new(address.IsIPv4 ? PodNetwork.V4(pod) : PodNetwork.V6(pod), ServiceLab.BackendPort, address.Protocol))],
        UsableCount = 1,
    };
}
