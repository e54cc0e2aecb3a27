using System.Net;
using Datapath.Linux.Namespaces;
using Datapath.Linux.Netlink;

namespace Datapath.Bench.Lab;

/// <summary>
/// A network namespace with nothing but loopback, on which every address of services and backends is the machine's own. So a dial is answered
/// wherever it goes, translated or not, within the call and on the same CPU.
/// </summary>
internal static class LoopbackNetwork
{
    public static NetworkNamespace Create()
    {
        var network = NetworkNamespace.Create();
        try
        {
            using var route = network.OpenRouteNetlink();
            var loopback = route.GetLink("lo").Index;
            foreach (var destination in new[] { "10.96.0.0/12", "10.244.0.0/15", "fd10:96::/32", "fd10:244::/32" })
            {
                route.AddRoute(new(IPNetwork.Parse(destination))
                {
                    InterfaceIndex = loopback,
                    Type = NetworkRouteType.Local,
                    Table = NetworkRoute.LocalTable,
                });
            }

            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }
}
