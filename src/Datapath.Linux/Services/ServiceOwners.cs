using System.Collections.Immutable;

namespace Datapath.Linux.Services;

/// <summary>Which service each frontend address belongs to. What was adopted from an earlier process belongs to nobody until it is claimed.</summary>
internal sealed class ServiceOwners
{
    private readonly Dictionary<L4Address, ServiceName> _owners = [];
    private readonly Dictionary<ServiceName, ImmutableArray<L4Address>> _addresses = [];

    public IEnumerable<ServiceName> Services => _addresses.Keys;

    public ImmutableArray<L4Address> AddressesOf(ServiceName service) => _addresses.GetValueOrDefault(service, []);

    public bool TryGetOwner(L4Address address, out ServiceName owner) => _owners.TryGetValue(address, out owner);

    public bool IsOwnedBy(L4Address address, ServiceName service) => _owners.TryGetValue(address, out var owner) && owner == service;

    /// <summary>Says what a service has from now on. Addresses that another service has taken meanwhile stay with that one.</summary>
    public void Set(ServiceName service, ImmutableArray<L4Address> addresses)
    {
        foreach (var address in AddressesOf(service))
        {
            if (IsOwnedBy(address, service))
                _ = _owners.Remove(address);
        }

        if (addresses.IsEmpty)
        {
            _ = _addresses.Remove(service);
            return;
        }

        _addresses[service] = addresses;
        foreach (var address in addresses)
            _owners[address] = service;
    }
}
