using System.Collections.Immutable;
using System.Net;
using Datapath.Linux.Netlink;

namespace Datapath.Hosting;

/// <summary>
/// Which addresses the devices have that are up: on one that is down, kube-proxy in IPVS mode keeps every cluster address, and those are not
/// the node's. Link-local IPv6 addresses name no one without their device, and are left out.
/// </summary>
internal sealed class DeviceAddressBook
{
    private readonly HashSet<int> _up = [];
    private readonly HashSet<(int Device, IPAddress Address)> _addresses = [];

    /// <summary>Forgets all and takes what the kernel lists.</summary>
    public void Reset(IEnumerable<NetworkLink> links, IEnumerable<NetworkAddress> addresses)
    {
        _up.Clear();
        _addresses.Clear();
        foreach (var link in links)
            Apply(new LinkChange(link));
        foreach (var address in addresses)
            Apply(new AddressChange(address));
    }

    public void Apply(NetworkChange change)
    {
        switch (change)
        {
            case LinkChange { Link: var link }:
                _ = link.IsUp && !change.IsRemoval ? _up.Add(link.Index) : _up.Remove(link.Index);
                if (change.IsRemoval)
                    _ = _addresses.RemoveWhere(item => item.Device == link.Index);
                break;
            case AddressChange { Address: { Address.IsIPv6LinkLocal: false } address }:
                var isUsable = !change.IsRemoval && !address.IsTentative;
                _ = isUsable ? _addresses.Add((address.InterfaceIndex, address.Address)) : _addresses.Remove((address.InterfaceIndex, address.Address));
                break;
            default:
                break;
        }
    }

    /// <summary>The addresses, each once, in order.</summary>
    public ImmutableArray<IPAddress> List() =>
    [
        .. _addresses.Where(item => _up.Contains(item.Device)).Select(static item => item.Address).Distinct()
            .OrderBy(static address => new L4Address(address, 0, L4Protocol.Tcp)),
    ];
}
