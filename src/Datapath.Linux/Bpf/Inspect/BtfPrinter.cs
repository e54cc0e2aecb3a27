using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;
using Datapath.Linux.Btf;
using Datapath.Linux.Elf;

namespace Datapath.Linux.Bpf;

/// <summary>
/// Takes a value apart by its type. Bytes in, calls of an <see cref="IValueOutput"/> out; no read outside the bytes whatever the types say,
/// and no more output than the options allow.
/// </summary>
internal sealed partial class BtfPrinter(BtfIndex types, BpfPrintOptions options)
{
    /// <summary>A type that contains itself would never end; no real one is nested this deep.</summary>
    private const int MaxDepth = 32;

    private int _left;

    /// <summary>Prints one value.</summary>
    /// <param name="typeId">Its type.</param>
    /// <param name="value">Its bytes; more than the type has are no error.</param>
    /// <param name="output">Where to.</param>
    /// <exception cref="InvalidBpfObjectException">The type has no values, contradicts itself, or has more bytes than there are.</exception>
    public void Print(uint typeId, ReadOnlySpan<byte> value, IValueOutput output)
    {
        _left = options.MaxFields;
        PrintValue(typeId, value, output, 0);
    }

    private void PrintValue(uint typeId, ReadOnlySpan<byte> value, IValueOutput output, int depth)
    {
        if (depth == MaxDepth)
            throw new InvalidBpfObjectException($"BTF: type {typeId} contains itself");
        var type = types.Resolve(typeId);
        switch (type.Kind)
        {
            case BtfKind.Int:
                PrintInteger(type, Take(value, 0, type.Size, type), output);
                break;
            case BtfKind.Enum or BtfKind.Enum64:
                var number = Take(value, 0, type.Size, type);
                if (number.Length is 0 or > sizeof(ulong))
                    throw new InvalidBpfObjectException($"BTF: enum '{type.NameText}' has {number.Length} bytes");
                PrintNumber(type, ReadBits(number, 0, type.Size * 8), type.Size * 8, output);
                break;
            case BtfKind.Pointer:
                output.Hex(BinaryPrimitives.ReadUInt64LittleEndian(Take(value, 0, sizeof(ulong), type)));
                break;
            case BtfKind.Float:
                PrintFloat(Take(value, 0, type.Size, type), output);
                break;
            case BtfKind.Array:
                PrintArray(type, value, output, depth);
                break;
            case BtfKind.Struct or BtfKind.Union:
                output.BeginFields();
                _ = TryPrintFields(type, Take(value, 0, type.Size, type), output, depth);
                output.EndFields();
                break;
            case BtfKind.DataSection:
                PrintVariables(type, value, output, depth);
                break;
            case BtfKind.Var:
                PrintValue(type.Target, value, output, depth + 1);
                break;
            default:
                throw new InvalidBpfObjectException($"BTF: type {typeId} ('{type.NameText}', {type.Kind}) has no values");
        }
    }

    /// <summary>Prints fields; those of a field without a name stand among them, as in C.</summary>
    /// <returns>Whether all were printed.</returns>
    private bool TryPrintFields(BtfRecord type, ReadOnlySpan<byte> value, IValueOutput output, int depth)
    {
        for (var i = 0; i < type.Count; i++)
        {
            if (_left-- <= 0)
            {
                output.MoreFields(type.Count - i);
                return false;
            }

            var field = type.Field(i);
            var name = type.NameOf(field);
            if (name.IsEmpty && types.Resolve(field.Type) is { IsComposite: true } inner && field.BitSize == 0)
            {
                if (depth + 1 == MaxDepth)
                    throw new InvalidBpfObjectException($"BTF: type {type.Id} contains itself");
                if (!TryPrintFields(inner, Take(value, ByteOf(type, field), inner.Size, type), output, depth + 1))
                    return false;
                continue;
            }

            if (name.IsEmpty)
                continue; // bits between bit fields
            output.Name(Encoding.UTF8.GetString(name));
            PrintField(type, field, value, output, depth);
        }

        return true;
    }

    private void PrintField(BtfRecord type, BtfFieldRecord field, ReadOnlySpan<byte> value, IValueOutput output, int depth)
    {
        var inner = types.Resolve(field.Type);
        if (field.BitSize != 0)
        {
            if (inner.Kind is not BtfKind.Int && !inner.IsEnum)
                throw new InvalidBpfObjectException($"BTF: a bit field of '{type.NameText}' is of type {field.Type} ({inner.Kind})");
            PrintNumber(inner, ReadBits(value, field.BitOffset, field.BitSize), field.BitSize, output);
        }
        else if (inner.Kind is BtfKind.Int && IsPartOfBytes(inner))
        {
            // As compilers wrote bit fields before 2018: an integer of fewer bits than its bytes have.
            var (bits, shift, _) = inner.Encoding;
            PrintNumber(inner, ReadBits(value, (ulong)field.BitOffset + shift, bits), bits, output);
        }
        else
        {
            var offset = ByteOf(type, field);
            PrintValue(field.Type, Take(value, offset, (uint)Math.Max(0, value.Length - offset), type), output, depth + 1);
        }
    }

    private void PrintVariables(BtfRecord section, ReadOnlySpan<byte> value, IValueOutput output, int depth)
    {
        output.BeginFields();
        for (var i = 0; i < section.Count; i++)
        {
            if (_left-- <= 0)
            {
                output.MoreFields(section.Count - i);
                break;
            }

            var (type, offset, size) = section.Variable(i);
            output.Name(types[type].NameText);
            PrintValue(type, Take(value, offset, size, section), output, depth + 1);
        }

        output.EndFields();
    }

    private void PrintArray(BtfRecord type, ReadOnlySpan<byte> value, IValueOutput output, int depth)
    {
        var elementSize = types.SizeOf(type.ArrayElement);
        var whole = Take(value, 0, types.SizeOf(type.Id), type);
        var element = types.Resolve(type.ArrayElement);
        if (element.Kind is BtfKind.Int && IsCharacter(element) && TryPrintText(whole, output))
            return;
        output.BeginItems();
        for (uint i = 0; i < type.ArrayLength; i++)
        {
            if (i >= options.MaxArrayLength || _left-- <= 0)
            {
                output.MoreItems(type.ArrayLength - i);
                break;
            }

            PrintValue(type.ArrayElement, whole.Slice((int)(i * elementSize), (int)elementSize), output, depth + 1);
        }

        output.EndItems();
    }

    /// <summary>Prints what stands before the first zero as a text, if it is one.</summary>
    private bool TryPrintText(ReadOnlySpan<byte> value, IValueOutput output)
    {
        var end = value.IndexOf((byte)0);
        var text = end < 0 ? value : value[..end];
        if (text.IsEmpty && value.ContainsAnyExcept((byte)0))
            return false; // it starts with a zero, so it is something else than a text
        if (!Utf8.IsValid(text) || text.ContainsAnyInRange((byte)0, (byte)0x1f) || text.Contains((byte)0x7f))
            return false;
        output.Text(text.Length <= options.MaxTextLength
            ? Encoding.UTF8.GetString(text)
            : $"{Encoding.UTF8.GetString(text[..Math.Max(0, options.MaxTextLength)])}… {text.Length - options.MaxTextLength} more");
        return true;
    }

    private static int ByteOf(BtfRecord type, BtfFieldRecord field) => field.BitOffset % 8 == 0
        ? (int)(field.BitOffset / 8)
        : throw new InvalidBpfObjectException($"BTF: a field of '{type.NameText}' starts within a byte");

    private static ReadOnlySpan<byte> Take(ReadOnlySpan<byte> value, long offset, uint size, BtfRecord type) => offset + size <= value.Length
        ? value.Slice((int)offset, (int)size)
        : throw new InvalidBpfObjectException($"BTF: type {type.Id} ('{type.NameText}') has {size} bytes at {offset}, the value has {value.Length}");
}
