namespace Datapath.Linux.Bpf;

/// <summary>How what a map holds passes into a map of another size. Nobody but programs may be writing to either.</summary>
internal interface IMapContent
{
    /// <summary>What of a map's room is in use.</summary>
    /// <param name="map">The map.</param>
    /// <param name="pins">The pins of the datapath that it belongs to.</param>
    MapUse UseOf(BpfMap map, PinFolder pins);

    /// <summary>Copies all that is in use; to where that lies in the old map, it may be changed.</summary>
    /// <exception cref="IncompatibleStateException">It does not fit, although there are as many entries as are in use, or makes no sense.</exception>
    void Copy(BpfMap from, BpfMap to, PinFolder pins);
}

/// <summary>What of a map's room is in use.</summary>
/// <param name="Least">The fewest entries that it may have.</param>
/// <param name="Text">What is in use, to be read after "but".</param>
internal readonly record struct MapUse(uint Least, string Text);
