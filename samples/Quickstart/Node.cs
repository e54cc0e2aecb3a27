using System.Net;
using Datapath.Linux.Namespaces;
using Datapath.Linux.Netlink;

namespace Datapath.Quickstart;

/// <summary>A node with pods and a client, each a network namespace, joined by a bridge. When the last descriptor goes, so does all of it.</summary>
internal sealed class Node : IDisposable
{
    private readonly NetworkNamespace _root = NetworkNamespace.Create();
    private readonly RouteNetlink _route;
    private readonly int _bridge;
    private readonly List<NetworkNamespace> _members = [];

    public Node()
    {
        _route = _root.OpenRouteNetlink();
        _bridge = _route.CreateBridge("pods");
        _route.SetLinkUp(_bridge);
        Client = Join("client", IPAddress.Parse("10.244.0.2"), IPAddress.Parse("fd10:44::2"));
        Pods = [AddPod("red", 11), AddPod("green", 12), AddPod("blue", 13)];
    }

    public NetworkNamespace Client { get; }

    public WebPod[] Pods { get; }

    public void Dispose()
    {
        foreach (var pod in Pods)
            pod.Dispose();
        foreach (var member in _members)
            member.Dispose();
        _route.Dispose();
        _root.Dispose();
    }

    private WebPod AddPod(string name, int number)
    {
        var (v4, v6) = (IPAddress.Parse($"10.244.0.{number}"), IPAddress.Parse($"fd10:44::{number}"));
        return new(Join(name, v4, v6), name, v4, v6);
    }

    private NetworkNamespace Join(string name, IPAddress v4, IPAddress v6)
    {
        var member = NetworkNamespace.Create();
        _members.Add(member);
        var outside = _route.CreateVeth(name, "eth0", member);
        _route.SetLinkMaster(outside, _bridge);
        _route.SetLinkUp(outside);
        using var inside = member.OpenRouteNetlink();
        var eth0 = inside.GetLink("eth0").Index;
        inside.SetLinkUp(eth0);
        inside.AddAddress(eth0, v4, 24);
        inside.AddAddress(eth0, v6, 64);
        return member;
    }
}
