using Datapath.Bench.Lab;
using Datapath.Linux;
using Datapath.Linux.Bpf;
using Datapath.Linux.Netlink;

namespace Datapath.Bench.Nat;

/// <summary>A network, and what translates in it.</summary>
internal sealed class NatVariant : IDisposable
{
    private readonly IDisposable? _attached;

    private NatVariant(string name, Func<IDisposable>? open)
    {
        Name = name;
        try
        {
            _attached = open is null ? null : Network.Router.Run(open);
            (_attached as IMasquerade)?.Apply(Rules());
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public string Name { get; }

    public NatNetwork Network { get; } = new();

    /// <summary>The engine of eBPF, if it is that.</summary>
    public LinuxMasquerade? Ebpf => _attached as LinuxMasquerade;

    /// <summary>What the programs of the device did, if it has any.</summary>
    public IEnumerable<BpfRunStatistics> Programs => _attached switch
    {
        LinuxMasquerade engine => engine.ReadRunStatistics().Values,
        EmptyPrograms empty => empty.Statistics,
        _ => [],
    };

    public static NatVariant None() => new("no NAT", open: null);

    /// <summary>Programs that do nothing.</summary>
    public static NatVariant Empty() => new("empty programs", static () =>
    {
        using var route = new RouteNetlink();
        return new EmptyPrograms(route.GetLink(NatNetwork.Uplink).Index);
    });

    public static NatVariant Nftables() => new("nftables", static () => NftablesMasquerade.Open(new() { Devices = [NatNetwork.Uplink], Lifetime = DatapathLifetime.Process }));

    public static NatVariant OfEbpf(string name, int maxFlows) => new(
        name, () => LinuxMasquerade.Open(new() { Devices = [NatNetwork.Uplink], Lifetime = DatapathLifetime.Process, MaxFlows = maxFlows }));

    /// <summary>Runs code in the client's network, on one CPU.</summary>
    public T Run<T>(int cpu, Func<T> code) => Network.Client.Run(() =>
    {
        PinnedThread.PinTo(cpu);
        return code();
    });

    public void Dispose()
    {
        _attached?.Dispose();
        Network.Dispose();
    }

    // As of a node with pods: their network and a list of what is not masqueraded, in which the server is not.
    private static MasqueradeState Rules()
    {
        var keep = new MasqueradeVerdict(MasqueradeAction.Keep, MasqueradeReason.NonMasquerade);
        var host = new MasqueradeVerdict(MasqueradeAction.Keep, MasqueradeReason.Host);
        return new(
            new()
            {
                Classes = [new(MasqueradeSourceFacts.Host), new(MasqueradeSourceFacts.PodNetwork)],
                Prefixes = [new(System.Net.IPNetwork.Parse("10.244.0.0/24"), 1)],
                HostClass = 0,
                ForwardedClass = 0,
            },
            new()
            {
                Classes = [MasqueradeDestinationFacts.None, MasqueradeDestinationFacts.NonMasquerade],
                Prefixes = [new(System.Net.IPNetwork.Parse("10.244.0.0/16"), 1), new(System.Net.IPNetwork.Parse("172.16.0.0/12"), 1), new(System.Net.IPNetwork.Parse("192.168.0.0/16"), 1)],
            },
            [new("", MasqueradeAddressSource.Device)],
            [host, host, new(MasqueradeAction.Translate, MasqueradeReason.Source), keep]);
    }
}
