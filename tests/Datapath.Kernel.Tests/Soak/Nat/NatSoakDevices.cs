using System.Net;
using Datapath.Kernel.Tests.Masquerade;
using Datapath.Linux.Netlink;

namespace Datapath.Kernel.Tests.Soak.Nat;

/// <summary>Changes of the node's devices and addresses that no flow depends on: each comes and goes.</summary>
internal sealed class NatSoakDevices(NatLab lab, Random random) : IDisposable
{
    private const string Bridge = "side0";

    // One for IPv4 only at the device by which packets leave: the newest of IPv6 would be the device's first.
    private static readonly (string Device, IPAddress Address, int Length)[] s_addresses =
    [
        ("eth0", IPAddress.Parse("192.168.98.200"), 24), ("lo", IPAddress.Parse("fd99::200"), 128), ("pod0", IPAddress.Parse("10.98.0.201"), 24),
    ];

    private readonly RouteNetlink _node = lab.Node.OpenRouteNetlink();
    private readonly bool[] _isThere = new bool[s_addresses.Length + 1];

    public int Changes { get; private set; }

    public void ChangeOne()
    {
        var which = random.Next(_isThere.Length);
        ref var isThere = ref _isThere[which];
        if (which == s_addresses.Length)
            ChangeBridge(isThere);
        else
            ChangeAddress(s_addresses[which], isThere);
        isThere = !isThere;
        Changes++;
    }

    public void Dispose() => _node.Dispose();

    private void ChangeBridge(bool isThere)
    {
        if (isThere)
            _node.DeleteLink(_node.GetLink(Bridge).Index);
        else
            NatLab.Configure(_node, _node.CreateBridge(Bridge), (IPAddress.Parse("10.55.0.1"), 16));
    }

    private void ChangeAddress((string Device, IPAddress Address, int Length) which, bool isThere)
    {
        var device = _node.GetLink(which.Device).Index;
        if (isThere)
            _node.DeleteAddress(device, which.Address, which.Length);
        else
            _node.AddAddress(device, which.Address, which.Length);
    }
}
