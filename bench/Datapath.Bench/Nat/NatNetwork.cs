using System.Net;
using Datapath.Bench.Interop;
using Datapath.Linux.Namespaces;
using Datapath.Linux.Netlink;

namespace Datapath.Bench.Nat;

/// <summary>
/// A client behind a router before a server, each a network namespace, joined by veth. The server knows the way to the client, so the same is dialed with
/// and without NAT.
/// </summary>
internal sealed class NatNetwork : IDisposable
{
    /// <summary>The device by which the router reaches the server.</summary>
    public const string Uplink = "r1";

    /// <summary>How many addresses the server has.</summary>
    public const int Servers = 16;

    private static readonly IPAddress s_client = IPAddress.Parse("10.244.0.10");
    private static readonly IPAddress s_clientGateway = IPAddress.Parse("10.244.0.1");
    private static readonly IPAddress s_router = IPAddress.Parse("10.30.2.1");

    public NatNetwork()
    {
        try
        {
            using var route = Router.OpenRouteNetlink();
            Configure(route, route.CreateVeth("r0", "c0", Client), (s_clientGateway, 24));
            var uplink = route.CreateVeth(Uplink, "s0", Server);
            Configure(route, uplink, (s_router, 24));
            using (var client = Client.OpenRouteNetlink())
            {
                var c0 = client.GetLink("c0").Index;
                Configure(client, c0, (s_client, 24));
                client.AddRoute(new(IPNetwork.Parse("0.0.0.0/0")) { Gateway = s_clientGateway, InterfaceIndex = c0 });
            }

            using (var server = Server.OpenRouteNetlink())
            {
                var s0 = server.GetLink("s0").Index;
                Configure(server, s0, [.. Enumerable.Range(0, Servers).Select(static i => (AddressOf(i), 24))]);
                server.AddRoute(new(IPNetwork.Parse("10.244.0.0/24")) { Gateway = s_router, InterfaceIndex = s0 });
            }

            Router.Run(static () => File.WriteAllText("/proc/sys/net/ipv4/ip_forward", "1"));
            Client.Run(static () =>
            {
                File.WriteAllText("/proc/sys/net/ipv4/ip_local_port_range", "1024 65000");
                File.WriteAllText("/proc/sys/net/ipv4/tcp_no_metrics_save", "1");
            });
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public NetworkNamespace Client { get; } = NetworkNamespace.Create();

    public NetworkNamespace Router { get; } = NetworkNamespace.Create();

    public NetworkNamespace Server { get; } = NetworkNamespace.Create();

    /// <summary>An address of the server.</summary>
    public static IPAddress AddressOf(int number) => new([10, 30, 2, (byte)(2 + number)]);

    /// <summary>Has every packet go on its own, as on a wire: no segments that the devices, or the receiver, put together.</summary>
    public void SetOffloads(bool isOn)
    {
        foreach (var (network, devices) in new (NetworkNamespace, string[])[] { (Client, ["c0"]), (Router, ["r0", Uplink]), (Server, ["s0"]) })
        {
            network.Run(() =>
            {
                foreach (var device in devices)
                    Ethtool.SetOffloads(device, isOn);
            });
        }
    }

    public void Dispose()
    {
        Client.Dispose();
        Router.Dispose();
        Server.Dispose();
    }

    private static void Configure(RouteNetlink route, int index, params ReadOnlySpan<(IPAddress Address, int Length)> addresses)
    {
        route.SetLinkUp(index);
        foreach (var (address, length) in addresses)
            route.AddAddress(index, address, length);
    }
}
