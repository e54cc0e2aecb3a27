using System.Net;
using Datapath.Linux.Namespaces;
using Datapath.Linux.Netlink;

namespace Datapath.Kernel.Tests.Lab;

/// <summary>
/// A node with pods: network namespaces joined by a bridge. Pod n has 10.244.0.n and fd10:44::n. Namespaces with names are found by whoever lists those of
/// the machine.
/// </summary>
internal sealed class PodNetwork : IDisposable
{
    private readonly NetworkNamespace _node = NetworkNamespace.Create();
    private readonly RouteNetlink _route;
    private readonly int _bridge;
    private readonly List<NetworkNamespace> _pods = [];
    private readonly List<string> _names = [];

    private readonly bool _haveNames;

    public PodNetwork(int pods, bool haveNames = false)
    {
        if (haveNames)
            PodNames.Enter();
        _haveNames = haveNames;
        _route = _node.OpenRouteNetlink();
        _bridge = _route.CreateBridge("pods");
        _route.SetLinkUp(_bridge);
        for (var i = 1; i <= pods; i++)
            _pods.Add(AddPod(i));
        if (!haveNames)
            return;
        foreach (var pod in _pods)
        {
            _names.Add($"datapath-test-{Environment.ProcessId}-{pod.Inode}");
            pod.AddName(_names[^1]);
        }
    }

    /// <summary>The pod of a number, from 1.</summary>
    public NetworkNamespace this[int number] => _pods[number - 1];

    public static IPAddress V4(int number) => IPAddress.Parse($"10.244.0.{number}");

    public static IPAddress V6(int number) => IPAddress.Parse($"fd10:44::{number:x}");

    /// <summary>Takes a pod that has a name down: what still runs inside has neither a name nor a network any more.</summary>
    public void TakeDown(int number)
    {
        _route.DeleteLink(_route.GetLink($"pod{number}").Index);
        _ = NetworkNamespace.DeleteName(_names[number - 1]);
        _pods[number - 1].Dispose();
    }

    /// <summary>Makes a pod again that was taken down, with the same name and the same addresses.</summary>
    public void MakeAgain(int number)
    {
        _pods[number - 1] = AddPod(number);
        _pods[number - 1].AddName(_names[number - 1]);
    }

    public void Dispose()
    {
        _route.Dispose();
        foreach (var name in _names)
            _ = NetworkNamespace.DeleteName(name);
        foreach (var pod in _pods)
            pod.Dispose();
        _node.Dispose();
        if (_haveNames)
            PodNames.Leave();
    }

    private NetworkNamespace AddPod(int number)
    {
        var pod = NetworkNamespace.Create();
        var outside = _route.CreateVeth($"pod{number}", "eth0", pod);
        _route.SetLinkMaster(outside, _bridge);
        _route.SetLinkUp(outside);
        using var inside = pod.OpenRouteNetlink();
        var eth0 = inside.GetLink("eth0").Index;
        inside.SetLinkMacAddress(eth0, new([2, 0, 0, 0, 0, (byte)number])); // one that is made again is where its neighbours believe it
        inside.SetLinkUp(eth0);
        inside.AddAddress(eth0, V4(number), 16);
        inside.AddAddress(eth0, V6(number), 64);
        return pod;
    }
}
