using System.Net;
using Datapath.BpfObjects;
using Datapath.BpfObjects.Layout;
using Datapath.Linux.Bpf;

namespace Datapath.Linux.Masquerade;

/// <summary>Ends flows, by programs that walk over all of them and tell who listens. One walk at a time.</summary>
internal sealed class FlowSweeper : IDisposable
{
    private readonly BpfObject _object;
    private readonly BpfMappedArray<SweepOrder> _order;
    private readonly BpfIterator _ipv4;
    private readonly BpfIterator _ipv6;

    private FlowSweeper(BpfObject loaded, IReadOnlyDictionary<string, BpfMap> maps)
    {
        _object = loaded;
        try
        {
            _order = loaded.Maps[FlowSweepObject.Order].MapMemory<SweepOrder>();
            _ipv4 = BpfIterator.Create(loaded.Programs[FlowSweepObject.Sweep4], maps[MasqueradeObject.Flows4]);
            _ipv6 = BpfIterator.Create(loaded.Programs[FlowSweepObject.Sweep6], maps[MasqueradeObject.Flows6]);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public static FlowSweeper Load(LinuxMasqueradeOptions options, IReadOnlyDictionary<string, BpfMap> maps)
    {
        var spec = MasqueradeSpec.MakeSweep(options);
        foreach (var name in FlowSweepObject.SharedMaps)
            spec.Maps[name].MaxEntries = maps[name].Info.MaxEntries;
        return new(BpfObject.Load(spec, new() { ReusedMaps = FlowSweepObject.SharedMaps.ToDictionary(static name => name, name => maps[name]) }), maps);
    }

    /// <summary>Ends flows that are over.</summary>
    /// <returns>How many there were.</returns>
    public int Sweep() => Walk(SweepScope.Over, default);

    /// <summary>Ends flows that are translated to an address: the next packet of each is the first of a flow.</summary>
    /// <returns>How many there were.</returns>
    public int EndTranslatedTo(IPAddress address) => Walk(SweepScope.Address, NatAddress.Mapped(address));

    /// <summary>Ends all flows.</summary>
    public void EndAll() => _ = Walk(SweepScope.All, default);

    public void Dispose()
    {
        _ipv6?.Dispose();
        _ipv4?.Dispose();
        _order?.Dispose();
        _object.Dispose();
    }

    private int Walk(SweepScope scope, Ip6 address)
    {
        ref var order = ref _order.DangerousItem(0);
        (order.Address, order.Scope) = (address, scope);
        var before = Volatile.Read(ref order.Ended);
        Run(_ipv4);
        Run(_ipv6);
        return (int)(Volatile.Read(ref order.Ended) - before);
    }

    // The programs run as the walk is read, and write nothing.
    private static void Run(BpfIterator iterator)
    {
        using var walk = iterator.Open();
        walk.CopyTo(Stream.Null);
    }
}
