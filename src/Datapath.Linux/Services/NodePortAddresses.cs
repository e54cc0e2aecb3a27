using System.Net;

namespace Datapath.Linux.Services;

/// <summary>
/// The addresses of a frontend. On the unspecified one a port of the node stands for the addresses of the node; for programs in the host's network
/// namespace it is there itself, for the kernel takes a dial to that address for one to loopback. The programs look there for dials to 127.0.0.0/8 and ::1
/// that are no frontend's own too, so those need no frontends. Anything else on the unspecified address is a mistake.
/// </summary>
internal static class NodePortAddresses
{
    /// <summary>Adds the frontend at each of its addresses.</summary>
    /// <param name="served">Where to.</param>
    /// <param name="frontend">As policies want it.</param>
    /// <param name="first">As dials see it at its own address.</param>
    public static void Add(List<SocketFrontend> served, Frontend frontend, SocketFrontend first)
    {
        var isNodePort = frontend.Address.IsUnspecified && frontend.Type is FrontendType.NodePort or FrontendType.HostPort;
        served.Add(isNodePort ? first with { IsHostOnly = true } : first);
        foreach (var address in frontend.NodeAddresses)
        {
            // Loopback of a pod is its own, also where the node's is to offer node ports.
            if (!(isNodePort && IPAddress.IsLoopback(address.Address)))
                served.Add(first with { Address = address });
        }

        foreach (var address in frontend.OtherNodeAddresses)
            served.Add(first with { Address = address });
    }
}
