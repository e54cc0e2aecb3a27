namespace Datapath.Linux.Bpf;

/// <summary>What passes by and need not be kept, as events do.</summary>
internal sealed class NoContent : IMapContent
{
    public MapUse UseOf(BpfMap map, PinFolder pins) => default;

    public void Copy(BpfMap from, BpfMap to, PinFolder pins)
    {
    }
}
