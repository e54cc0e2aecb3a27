using System.Net;
using System.Net.Sockets;
using Datapath.Linux.Namespaces;
using Datapath.Linux.Netlink;

namespace Datapath.SampleNode;

/// <summary>
/// A node with pods, each a network namespace, joined by a bridge. They have names, because a datapath finds pods in the namespaces that have a name or
/// a process. The names go when this is disposed, and with them everything inside.
/// </summary>
public sealed class NodeNetwork : IDisposable
{
    private const int PrefixLengthV4 = 16;
    private const int PrefixLengthV6 = 64;

    private readonly string _prefix;
    private readonly RouteNetlink _route;
    private readonly int _bridge;
    private readonly Dictionary<string, NetworkNamespace> _pods = [];

    /// <summary>Makes a node without pods.</summary>
    /// <param name="name">What the names of the namespaces begin with; the process id is added.</param>
    /// <param name="addresses">The node's own addresses in the network of the pods.</param>
    public NodeNetwork(string name, params ReadOnlySpan<IPAddress> addresses)
    {
        _prefix = $"{name}-{Environment.ProcessId}-";
        Host = NetworkNamespace.CreateNamed($"{_prefix}host");
        try
        {
            _route = Host.OpenRouteNetlink();
            _bridge = _route.CreateBridge("pods");
            _route.SetLinkUp(_bridge);
            AddAddresses(_route, _bridge, addresses);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The node's own namespace.</summary>
    public NetworkNamespace Host { get; }

    /// <summary>The path of <see cref="Host"/>.</summary>
    public string HostPath => $"{NetworkNamespace.NamesFolder}/{_prefix}host";

    /// <summary>Makes a pod.</summary>
    /// <param name="name">Its name, at most 15 bytes.</param>
    /// <param name="addresses">Its addresses.</param>
    public NetworkNamespace Join(string name, params ReadOnlySpan<IPAddress> addresses)
    {
        var pod = NetworkNamespace.CreateNamed(_prefix + name);
        _pods.Add(name, pod);
        var outside = _route.CreateVeth(name, "eth0", pod);
        _route.SetLinkMaster(outside, _bridge);
        _route.SetLinkUp(outside);
        using var inside = pod.OpenRouteNetlink();
        var eth0 = inside.GetLink("eth0").Index;
        inside.SetLinkUp(eth0);
        AddAddresses(inside, eth0, addresses);
        return pod;
    }

    /// <summary>Leads packets to an IPv4 address through another.</summary>
    /// <param name="from">Where they come from: a pod, or the node itself.</param>
    /// <param name="address">Where they are to go.</param>
    /// <param name="gateway">An address in the network of the pods.</param>
    public static void Route(NetworkNamespace from, IPAddress address, IPAddress gateway)
    {
        using var route = from.OpenRouteNetlink();
        route.AddRoute(new(new IPNetwork(address, 32)) { Gateway = gateway });
    }

    /// <summary>Removes a pod.</summary>
    public void Remove(string name)
    {
        if (!_pods.Remove(name, out var pod))
            return;
        _ = NetworkNamespace.DeleteName(_prefix + name);
        pod.Dispose();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var name in _pods.Keys.ToArray())
            Remove(name);
        _route?.Dispose();
        _ = NetworkNamespace.DeleteName($"{_prefix}host");
        Host.Dispose();
    }

    private static void AddAddresses(RouteNetlink route, int link, ReadOnlySpan<IPAddress> addresses)
    {
        foreach (var address in addresses)
            route.AddAddress(link, address, address.AddressFamily is AddressFamily.InterNetwork ? PrefixLengthV4 : PrefixLengthV6);
    }
}
