using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Datapath.Policy;

/// <summary>
/// Makes strings of texts, and mostly the same string of the same text: names of nodes, ports and labels repeat in every object. A new text
/// takes the place of an older one, so that the memory is bounded.
/// </summary>
internal sealed class StringPool
{
    private const int BytesPerPlace = 256;
    private const int MostPlaces = 8192;
    private const int LongestText = 64;

    private readonly string?[] _places;

    /// <param name="length">How many bytes the whole text has that is read.</param>
    public StringPool(int length) => _places = new string[BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(length / BytesPerPlace, 16, MostPlaces))];

    public string Get(ReadOnlySpan<byte> text)
    {
        if (text.Length is 0 or > LongestText)
            return Encoding.UTF8.GetString(text);
        ref var place = ref _places[Hash(text) & (uint)(_places.Length - 1)];
        if (place is null || place.Length != text.Length || !Ascii.Equals(text, place))
            place = Encoding.UTF8.GetString(text);
        return place;
    }

    /// <summary>Texts that differ do so at an end, mostly.</summary>
    private static uint Hash(ReadOnlySpan<byte> text)
    {
        var hash = (ulong)text.Length;
        if (text.Length >= sizeof(ulong))
        {
            hash ^= BinaryPrimitives.ReadUInt64LittleEndian(text);
            hash ^= BitOperations.RotateLeft(BinaryPrimitives.ReadUInt64LittleEndian(text[^sizeof(ulong)..]), 23);
        }
        else
        {
            foreach (var value in text)
                hash = (hash << 8) | value;
        }

        return (uint)((hash * 0x9E3779B97F4A7C15) >> 40); // Knuth's multiplicative hash
    }
}
