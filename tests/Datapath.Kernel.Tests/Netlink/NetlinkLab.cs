using System.Net;
using Datapath.Linux.Namespaces;
using Datapath.Linux.Netlink;

namespace Datapath.Kernel.Tests.Netlink;

/// <summary>Two namespaces, "left" and "right", of a test's own, joined by a veth pair that has addresses of both families.</summary>
internal sealed class NetlinkLab : IDisposable
{
    public static readonly IPAddress LeftV4 = IPAddress.Parse("192.0.2.1");
    public static readonly IPAddress RightV4 = IPAddress.Parse("192.0.2.2");
    public static readonly IPAddress LeftV6 = IPAddress.Parse("2001:db8::1");
    public static readonly IPAddress RightV6 = IPAddress.Parse("2001:db8::2");

    public NetlinkLab()
    {
        (LeftRoute, RightRoute) = (Left.OpenRouteNetlink(), Right.OpenRouteNetlink());
        LeftIndex = LeftRoute.CreateVeth("eth0", "eth0", Right);
        RightIndex = RightRoute.GetLink("eth0").Index;
        SetUp(LeftRoute, LeftIndex, LeftV4, LeftV6);
        SetUp(RightRoute, RightIndex, RightV4, RightV6);
        AwaitRoute(LeftRoute, LeftV6);
        AwaitRoute(RightRoute, RightV6);
    }

    public NetworkNamespace Left { get; } = NetworkNamespace.Create();

    public NetworkNamespace Right { get; } = NetworkNamespace.Create();

    public RouteNetlink LeftRoute { get; }

    public RouteNetlink RightRoute { get; }

    public int LeftIndex { get; }

    public int RightIndex { get; }

    public void Dispose()
    {
        LeftRoute.Dispose();
        RightRoute.Dispose();
        Left.Dispose();
        Right.Dispose();
    }

    // The kernel makes the route to an IPv6 address of its own a moment after the carrier is there.
    private static void AwaitRoute(RouteNetlink route, IPAddress own) => Assert.That(
        () => route.GetRoute(new(own)).Type, Is.EqualTo(NetworkRouteType.Local).After(10).Seconds.PollEvery(5).MilliSeconds);

    private static void SetUp(RouteNetlink route, int index, IPAddress v4, IPAddress v6)
    {
        route.AddAddress(index, v4, 24);
        route.SetLinkUp(index);
        route.AddAddress(index, v6, 64);
    }
}
