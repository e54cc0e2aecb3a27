using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Datapath.Linux.Services;

/// <summary>
/// The backends that services list but send no new connections to: those on their way out, those that are not ready, those of frontends that are
/// redirected. They are in no slot, and yet not gone.
/// </summary>
internal sealed class KnownBackends
{
    private readonly Dictionary<ServiceName, ImmutableArray<Listing>> _listings = [];
    private readonly Dictionary<L4Address, int> _listed = [];
    private readonly HashSet<(ServiceName, L4Address)> _draining = [];

    public IEnumerable<ServiceName> Services => _listings.Keys;

    /// <summary>Whether some frontend lists it.</summary>
    public bool IsListed(L4Address backend) => _listed.ContainsKey(backend);

    /// <summary>Whether a service has it on its way out, and it still serves those who are connected through that service.</summary>
    public bool IsDraining(ServiceName? service, L4Address backend) => service is { } name && _draining.Contains((name, backend));

    /// <summary>Says what a service lists from now on.</summary>
    public void Set(ServiceName service, ImmutableArray<Frontend> frontends)
    {
        ImmutableArray<Listing> listings = [.. frontends.SelectMany(Unused)];
        if (_listings.Remove(service, out var before))
        {
            foreach (var listing in before)
            {
                Count(listing, -1);
                _ = _draining.Remove((service, listing.Backend));
            }
        }

        if (listings.IsEmpty)
            return;
        _listings.Add(service, listings);
        foreach (var listing in listings)
        {
            Count(listing, 1);
            if (listing.IsDraining)
                _ = _draining.Add((service, listing.Backend));
        }
    }

    private static IEnumerable<Listing> Unused(Frontend frontend)
    {
        if (!frontend.Redirects.IsEmpty)
            return frontend.Backends.Select(static backend => new Listing(backend.Address, IsDraining: false)); // who was there is to go elsewhere
        return frontend.UsableCount < frontend.Backends.Length
            ? frontend.Backends.Skip(frontend.UsableCount).Select(static backend => new Listing(backend.Address, backend is { State: BackendState.Terminating, IsUnhealthy: false }))
            : [];
    }

    private void Count(Listing listing, int change)
    {
        ref var listed = ref CollectionsMarshal.GetValueRefOrAddDefault(_listed, listing.Backend, out _);
        listed += change;
        if (listed == 0)
            _ = _listed.Remove(listing.Backend);
    }

    private readonly record struct Listing(L4Address Backend, bool IsDraining);
}
