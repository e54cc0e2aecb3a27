using System.Buffers.Binary;

namespace Datapath.Linux.Bpf;

/// <summary>
/// The first words of the map in which an engine keeps its state. They stand in the same places in every version of the layout, so that each version can tell
/// another's, whatever has become of the rest.
/// </summary>
internal static class StateHeader
{
    /// <summary>Reads a word of a pinned map.</summary>
    /// <param name="path">The pin.</param>
    /// <param name="offset">Bytes before the word.</param>
    /// <returns><see langword="null"/> if nothing is pinned there; 0 if the map is too small for the word.</returns>
    /// <exception cref="BpfException">It may not be read.</exception>
    public static uint? ReadPinned(string path, int offset)
    {
        if (!File.Exists(path))
            return null;
        using var map = BpfMap.OpenPinned(path);
        return Read(map, offset);
    }

    /// <summary>Reads a word.</summary>
    /// <param name="map">An array of one element, of any size.</param>
    /// <param name="offset">Bytes before the word.</param>
    /// <returns>0 if the map is too small for the word.</returns>
    public static uint Read(BpfMap map, int offset)
    {
        var elements = map.AsBytes();
        var value = new byte[elements.ValueSize];
        return offset + sizeof(uint) <= value.Length && elements.TryGetValue(new byte[elements.KeySize], value)
            ? BinaryPrimitives.ReadUInt32LittleEndian(value.AsSpan(offset))
            : 0;
    }
}
