using Datapath.Linux.Elf;

namespace Datapath.Linux.Btf;

/// <summary>What a relocation asks of a field: where it is, how large, and how a bit field is cut out of the word that holds it.</summary>
internal static class CoreValue
{
    private const int MaxDepth = 64;

    public static ulong Of(CoreRelocationKind kind, in CoreField field)
    {
        if (kind is CoreRelocationKind.FieldExists)
            return 1;
        var type = field.Types.Resolve(field.Type);
        if (kind is CoreRelocationKind.FieldSigned)
            return type.IsSigned ? 1U : 0U;
        var bits = field.BitSize;
        var (offset, size) = Word(field);
        if (kind is CoreRelocationKind.FieldByteOffset)
            return offset;
        if (kind is CoreRelocationKind.FieldByteSize)
            return size;
        if (bits == 0)
            bits = size <= 8 ? size * 8 : throw new InvalidBpfObjectException($"CO-RE: {kind} of a field of {size} bytes");
        return kind is CoreRelocationKind.FieldRightShift ? 64 - bits : 64 - (field.BitOffset + bits - (offset * 8));
    }

    /// <summary>What an instruction reads or writes of a field: all of it, or an element, if it is an array.</summary>
    public static BtfRecord Element(in CoreField field)
    {
        var type = field.Types.Resolve(field.Type);
        for (var depth = 0; type.Kind is BtfKind.Array; depth++)
        {
            if (depth == MaxDepth)
                throw new InvalidBpfObjectException($"BTF: type {field.Type} contains itself");
            type = field.Types.Resolve(type.ArrayElement);
        }

        return type;
    }

    /// <summary>The bytes to load for a field: its own, or the naturally aligned word round a bit field.</summary>
    public static (ulong Offset, uint Size) Word(in CoreField field)
    {
        var size = field.Types.SizeOf(field.Type);
        if (field.BitSize == 0)
        {
            return field.BitOffset % 8 == 0
                ? (field.BitOffset / 8, size)
                : throw new InvalidBpfObjectException($"CO-RE: a field starts at bit {field.BitOffset} and is no bit field");
        }

        if (size is not (1 or 2 or 4 or 8))
            throw new InvalidBpfObjectException($"CO-RE: a bit field in a word of {size} bytes");
        while (true)
        {
            var offset = field.BitOffset / 8 / size * size;
            if (field.BitOffset + field.BitSize <= (offset + size) * 8)
                return (offset, size);
            if (size == 8)
                throw new InvalidBpfObjectException($"CO-RE: a bit field of {field.BitSize} bits at bit {field.BitOffset} lies in no word");
            size *= 2; // it straddles two words in this layout
        }
    }
}
