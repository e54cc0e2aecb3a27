using System.Collections.Immutable;
using System.Net;

namespace Datapath.Bench.Lab;

/// <summary>Which services there are: so many, each on some protocols. The first has every protocol and both families, and a port whose clients stay with
/// their backend, so that all cases find it.</summary>
/// <param name="Count">How many.</param>
/// <param name="Protocols">What all of them offer on IPv4.</param>
internal sealed record ServiceSet(int Count, params ImmutableArray<L4Protocol> Protocols)
{
    /// <summary>What a datapath is to hold.</summary>
    public ImmutableArray<DesiredService> Services() =>
    [
        .. Frontends()
            .GroupBy(static f => f.Service, static f => f.Frontend)
            .Select(static g => new DesiredService(new("bench", $"service-{g.Key}"), [.. g])),
    ];

    public IEnumerable<(int Service, Frontend Frontend)> Frontends()
    {
        for (var service = 0; service < Count; service++)
        {
            ReadOnlySpan<L4Protocol> both = [L4Protocol.Tcp, L4Protocol.Udp];
            foreach (var protocol in service == 0 ? [.. both] : Protocols)
                yield return (service, Make(service, protocol, Addresses.Service4, Addresses.Backend4));
        }

        var sticky = Make(0, L4Protocol.Udp, Addresses.Service4, Addresses.Backend4);
        yield return (0, sticky with { Address = new(Addresses.Service4(0), Addresses.StickyPort, L4Protocol.Udp), AffinitySeconds = 10_800 });
        yield return (0, Make(0, L4Protocol.Tcp, Addresses.Service6, Addresses.Backend6));
        yield return (0, Make(0, L4Protocol.Udp, Addresses.Service6, Addresses.Backend6));
    }

    private static Frontend Make(int service, L4Protocol protocol, Func<int, IPAddress> serviceAddress, Func<int, IPAddress> backendAddress) => new()
    {
        Address = new(serviceAddress(service), Addresses.ServicePort, protocol),
        Backends =
        [
            .. Enumerable.Range(service * Addresses.BackendsPerService, Addresses.BackendsPerService)
                .Select(number => new Backend(new(backendAddress(number), Addresses.BackendPort, protocol))),
        ],
        UsableCount = Addresses.BackendsPerService,
    };
}
