using Datapath.BpfObjects;
using Datapath.BpfObjects.Layout;
using Datapath.Linux.Bpf;

namespace Datapath.Linux.Masquerade;

/// <summary>Removes flows that are over, by programs that walk over all of them.</summary>
internal sealed class FlowSweeper : IDisposable
{
    private readonly BpfObject _object;
    private readonly BpfIterator _ipv4;
    private readonly BpfIterator _ipv6;

    private FlowSweeper(BpfObject loaded, BpfIterator ipv4, BpfIterator ipv6) => (_object, _ipv4, _ipv6) = (loaded, ipv4, ipv6);

    public static FlowSweeper Load(LinuxMasqueradeOptions options, IReadOnlyDictionary<string, BpfMap> maps)
    {
        var loaded = BpfObject.Load(MasqueradeSpec.MakeSweep(options), new() { ReusedMaps = FlowSweepObject.SharedMaps.ToDictionary(static name => name, name => maps[name]) });
        try
        {
            var ipv4 = BpfIterator.Create(loaded.Programs[FlowSweepObject.Sweep4], maps[MasqueradeObject.Flows4]);
            try
            {
                return new(loaded, ipv4, BpfIterator.Create(loaded.Programs[FlowSweepObject.Sweep6], maps[MasqueradeObject.Flows6]));
            }
            catch
            {
                ipv4.Dispose();
                throw;
            }
        }
        catch
        {
            loaded.Dispose();
            throw;
        }
    }

    /// <summary>Walks over all flows.</summary>
    /// <returns>How many were over.</returns>
    public int Sweep() => _ipv4.ReadAll<FlowKey4>().Count() + _ipv6.ReadAll<FlowKey6>().Count();

    public void Dispose()
    {
        _ipv6.Dispose();
        _ipv4.Dispose();
        _object.Dispose();
    }
}
