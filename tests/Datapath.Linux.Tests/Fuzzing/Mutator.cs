using System.Buffers.Binary;

namespace Datapath.Linux.Tests.Fuzzing;

/// <summary>
/// Breaks good inputs a little, the same way for the same seed: most of a changed input is still good, so it leads a reader far in. Nearly
/// all that these formats hold are numbers of 2, 4 or 8 bytes, lists of records, and references to other places; so are the changes.
/// </summary>
internal sealed class Mutator(byte[][] inputs, int seed)
{
    // Around what formats count in: sizes of headers and records, and where numbers overflow.
    private static readonly ulong[] s_edges =
    [
        0, 1, 2, 3, 4, 7, 8, 9, 11, 12, 13, 15, 16, 17, 23, 24, 25, 31, 32, 33, 63, 64, 65, 127, 128, 255, 256, 511, 512, 4095, 4096,
        0x7fff, 0x8000, 0xfff0, 0xfffc, 0xffff, 0x1_0000, 0xff_ffff, 0x7fff_fff0, 0x7fff_ffff, 0x8000_0000, 0xffff_fff0, 0xffff_fffc, 0xffff_ffff,
        0x1_0000_0000, 0x7fff_ffff_ffff_ffff, 0x8000_0000_0000_0000, 0xffff_ffff_ffff_fff0, 0xffff_ffff_ffff_ffff,
    ];

    private readonly Random _random = new(seed);

    /// <summary>The next broken input, in an array exactly as long as it, so that a read behind its end is an exception.</summary>
    public byte[] Next()
    {
        var bytes = (byte[])Any(inputs).Clone();
        do
            bytes = Change(bytes);
        while (_random.Next(3) != 0);
        return bytes;
    }

    private byte[] Change(byte[] bytes)
    {
        if (bytes.Length < 16)
            return bytes;
        switch (_random.Next(12))
        {
            case 0:
                bytes[Place(bytes, 1)] ^= (byte)(1 << _random.Next(8));
                return bytes;
            case 1:
                bytes[Place(bytes, 1)] = (byte)_random.Next(256);
                return bytes;
            case 2 or 3:
                return Set(bytes, s_edges[_random.Next(s_edges.Length)]);
            case 4 or 5: // one more or less of something
                var at = Place(bytes, 4);
                var number = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at));
                BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at), number + (uint)_random.Next(-4, 5));
                return bytes;
            case 6: // a number from elsewhere: mostly a reference that is valid, to something else
                bytes.AsSpan(Place(bytes, 4), 4).CopyTo(bytes.AsSpan(Place(bytes, 4)));
                return bytes;
            case 7: // a number that could be a place in the input or in a list
                return Set(bytes, (ulong)_random.Next(_random.Next(2) == 0 ? 64 : bytes.Length + 8));
            case 8: // a piece over another
                var length = Length(bytes);
                bytes.AsSpan(Place(bytes, length), length).CopyTo(bytes.AsSpan(Place(bytes, length)));
                return bytes;
            case 9: // a piece twice: what follows moves
                var (start, count, to) = (Place(bytes, 16), _random.Next(1, 16), Place(bytes, 4));
                return bytes.Length < 1 << 16 ? [.. bytes[..to], .. bytes[start..(start + count)], .. bytes[to..]] : bytes;
            case 10: // a piece less, or all from somewhere on
                var cut = Place(bytes, 4);
                return _random.Next(3) == 0 ? bytes[..cut] : [.. bytes[..cut], .. bytes[Math.Min(bytes.Length, cut + (4 * _random.Next(1, 8)))..]];
            default: // another input from somewhere on
                var other = Any(inputs);
                var seam = Place(bytes, 4);
                return seam < other.Length ? [.. bytes[..seam], .. other[seam..]] : bytes;
        }
    }

    private byte[] Set(byte[] bytes, ulong number)
    {
        var span = bytes.AsSpan(Place(bytes, 8));
        switch (_random.Next(8))
        {
            case 0:
                span[0] = (byte)number;
                break;
            case 1 or 2:
                BinaryPrimitives.WriteUInt16LittleEndian(span, (ushort)number);
                break;
            case 3:
                BinaryPrimitives.WriteUInt64LittleEndian(span, number);
                break;
            default:
                BinaryPrimitives.WriteUInt32LittleEndian(span, (uint)number);
                break;
        }

        return bytes;
    }

    // Where headers stand more often than elsewhere; where a number starts more often than inside one.
    private int Place(byte[] bytes, int length)
    {
        var last = bytes.Length - length;
        var at = _random.Next(4) switch
        {
            0 => _random.Next(Math.Min(last, 64) + 1),
            1 => last - _random.Next(Math.Min(last, 512) + 1),
            _ => _random.Next(last + 1),
        };
        return _random.Next(8) == 0 ? at : at & ~3;
    }

    private int Length(byte[] bytes) => Math.Min(4 * _random.Next(1, 16), bytes.Length - 1);

    private T Any<T>(T[] items) => items[_random.Next(items.Length)];
}
