using System.Buffers.Binary;
using System.Text;
using Datapath.Linux.Btf;
using Datapath.Linux.Elf;

namespace Datapath.Linux.Bpf;

// Integers, enums, bit fields and floating-point numbers.
internal sealed partial class BtfPrinter
{
    private const uint MeaningCharacter = 2;
    private const uint MeaningBoolean = 4;

    private static void PrintInteger(BtfRecord type, ReadOnlySpan<byte> value, IValueOutput output)
    {
        var (bits, shift, _) = type.Encoding;
        switch (value.Length)
        {
            case 1 or 2 or 4 or 8:
                var part = IsPartOfBytes(type);
                PrintNumber(type, part ? ReadBits(value, shift, bits) : ReadBits(value, 0, (uint)value.Length * 8), part ? bits : (uint)value.Length * 8, output);
                break;
            case 16:
                output.Hex(BinaryPrimitives.ReadUInt128LittleEndian(value));
                break;
            default:
                throw new InvalidBpfObjectException($"BTF: integer '{type.NameText}' has {value.Length} bytes");
        }
    }

    private static void PrintNumber(BtfRecord type, ulong value, uint bits, IValueOutput output)
    {
        var number = type.IsSigned && bits < 64 ? (ulong)((long)(value << (int)(64 - bits)) >> (int)(64 - bits)) : value;
        if (type.IsEnum && FindSymbol(type, number) is { } symbol)
            output.Symbol(symbol);
        else if (type.Encoding.Meaning == MeaningBoolean && value <= 1)
            output.Truth(value == 1);
        else if (type.Kind is BtfKind.Int && bits == 8 && IsCharacter(type) && value is >= 0x20 and < 0x7f)
            output.Letter((char)value);
        else if (type.IsSigned)
            output.Signed((long)number);
        else
            output.Unsigned(number);
    }

    private static void PrintFloat(ReadOnlySpan<byte> value, IValueOutput output)
    {
        switch (value.Length)
        {
            case 2:
                output.Real((double)BinaryPrimitives.ReadHalfLittleEndian(value));
                break;
            case 4:
                output.Real(BinaryPrimitives.ReadSingleLittleEndian(value));
                break;
            case 8:
                output.Real(BinaryPrimitives.ReadDoubleLittleEndian(value));
                break;
            case <= 16: // long double and such
                output.Bytes(value);
                break;
            default:
                throw new InvalidBpfObjectException($"BTF: a floating-point number of {value.Length} bytes");
        }
    }

    private static string? FindSymbol(BtfRecord type, ulong value)
    {
        for (var i = 0; i < type.Count; i++)
        {
            if (type.Value(i) == value)
                return Encoding.UTF8.GetString(type.ValueName(i));
        }

        return null;
    }

    private static bool IsPartOfBytes(BtfRecord type) => type.Encoding is var e && (e.Shift != 0 || (e.Bits != 0 && e.Bits < type.Size * 8));

    // Compilers write char as a signed integer of one byte; only the name tells it from a small number.
    private static bool IsCharacter(BtfRecord type) => type.Size == 1 && ((type.Encoding.Meaning & MeaningCharacter) != 0 || type.Name.SequenceEqual("char"u8));

    /// <summary>Up to 64 bits from anywhere, the lowest first.</summary>
    private static ulong ReadBits(ReadOnlySpan<byte> value, ulong offset, uint count)
    {
        var (first, shift) = ((long)(offset / 8), (int)(offset % 8));
        var bytes = (shift + (long)count + 7) / 8;
        if (count is 0 or > 64 || first + bytes > value.Length)
            throw new InvalidBpfObjectException($"BTF: {count} bits at {offset} do not fit the {value.Length} bytes of the value");
        Span<byte> window = stackalloc byte[16];
        window.Clear();
        value.Slice((int)first, (int)bytes).CopyTo(window);
        return (ulong)(BinaryPrimitives.ReadUInt128LittleEndian(window) >> shift) & (ulong.MaxValue >> (int)(64 - count));
    }
}
