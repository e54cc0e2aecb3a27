using System.Net;
using Datapath.Linux.Namespaces;

namespace Datapath.Kernel.Tests.Masquerade;

/// <summary>A place behind the router, which forwards to it. What it sends back goes by the router.</summary>
internal sealed class Beyond : IDisposable
{
    public static readonly IPAddress Address4 = IPAddress.Parse("203.0.113.2");
    public static readonly IPAddress Address6 = IPAddress.Parse("2001:db8:113::2");
    private static readonly IPAddress s_router4 = IPAddress.Parse("203.0.113.1");
    private static readonly IPAddress s_router6 = IPAddress.Parse("2001:db8:113::1");

    /// <summary>Makes it, behind a link whose packets to it may not be longer than some bytes.</summary>
    public Beyond(NatLab lab, int mtu = 1500)
    {
        Network.Run(static () => File.WriteAllText("/proc/sys/net/ipv6/conf/default/accept_dad", "0"));
        lab.Router.Run(static () =>
        {
            File.WriteAllText("/proc/sys/net/ipv4/ip_forward", "1");
            File.WriteAllText("/proc/sys/net/ipv6/conf/all/forwarding", "1");
        });
        using (var router = lab.Router.OpenRouteNetlink())
        {
            var link = router.CreateVeth("beyond", "eth0", Network.Handle);
            router.SetLinkMtu(link, mtu);
            NatLab.Configure(router, link, (s_router4, 24), (s_router6, 64));
        }

        using var beyond = Network.OpenRouteNetlink();
        var eth0 = beyond.GetLink("eth0").Index;
        NatLab.Configure(beyond, eth0, (Address4, 24), (Address6, 64));
        beyond.AddRoute(new(IPNetwork.Parse("0.0.0.0/0")) { Gateway = s_router4, InterfaceIndex = eth0 });
        beyond.AddRoute(new(IPNetwork.Parse("::/0")) { Gateway = s_router6, InterfaceIndex = eth0 });
    }

    public NetworkNamespace Network { get; } = NetworkNamespace.Create();

    public void Dispose() => Network.Dispose();
}
