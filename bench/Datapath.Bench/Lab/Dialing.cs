using System.Net;
using Datapath.Bench.Interop;

namespace Datapath.Bench.Lab;

/// <summary>The addresses that a loop dials, in a fixed order that looks random and is the same for all variants.</summary>
internal static class Dialing
{
    private const int Length = 1 << 16;

    public static SocketName[] Services(int count) => Sequence(count, static number => SocketName.Of(Addresses.Service4(number), Addresses.ServicePort));

    /// <summary>The backends of so many services, dialed as themselves.</summary>
    public static SocketName[] Backends(int services) =>
        Sequence(services * Addresses.BackendsPerService, static number => SocketName.Of(Addresses.Backend4(number), Addresses.BackendPort));

    public static SocketName[] One(IPAddress address, int port) => [SocketName.Of(address, port)];

    private static SocketName[] Sequence(int count, Func<int, SocketName> nameOf)
    {
        SocketName[] names = [.. Enumerable.Range(0, count).Select(nameOf)];
        if (count == 1)
            return names;
        var random = new Random(Seed: 7);
        return [.. Enumerable.Range(0, Length).Select(_ => names[random.Next(count)])];
    }
}
