using System.Collections.Immutable;
using Datapath.Linux.Btf;
using Datapath.Linux.Elf;

namespace Datapath.Linux.Bpf;

/// <summary>
/// Reads the section <c>.maps</c>. A map is a variable of an anonymous struct whose fields say what it is: the length of the array behind a
/// pointer is a number, the type behind a pointer is a type.
/// </summary>
internal static class MapSpecReader
{
    public static ImmutableDictionary<string, MapSpec> Read(ElfFile elf, BtfFile btf)
    {
        var maps = ImmutableDictionary.CreateBuilder<string, MapSpec>();
        if (elf.FindSection("maps") is not null)
            throw new InvalidBpfObjectException("section 'maps' holds maps of the form before BTF; define them in section '.maps'");
        if (btf.Find(BtfKind.DataSection, ".maps") is not { } section)
            return maps.ToImmutable();
        foreach (var variable in section.Members)
        {
            var type = btf[variable.Type];
            if (!maps.TryAdd(type.Name, ReadMap(btf, type)))
                throw new InvalidBpfObjectException($"map '{type.Name}' is there twice");
        }

        return maps.ToImmutable();
    }

    private static MapSpec ReadMap(BtfFile btf, BtfType variable)
    {
        uint mapType = 0, keySize = 0, valueSize = 0, maxEntries = 0, flags = 0, keyType = 0, valueType = 0;
        foreach (var field in btf.Resolve(variable.Target).Members)
        {
            switch (field.Name)
            {
                case "type":
                    mapType = Number(btf, field);
                    break;
                case "max_entries":
                    maxEntries = Number(btf, field);
                    break;
                case "map_flags":
                    flags = Number(btf, field);
                    break;
                case "key_size":
                    keySize = Number(btf, field);
                    break;
                case "value_size":
                    valueSize = Number(btf, field);
                    break;
                case "key":
                    (keyType, keySize) = Type(btf, field);
                    break;
                case "value":
                    (valueType, valueSize) = Type(btf, field);
                    break;
                default:
                    throw new InvalidBpfObjectException($"map '{variable.Name}': field '{field.Name}' is not supported");
            }
        }

        if (mapType == 0)
            throw new InvalidBpfObjectException($"map '{variable.Name}': field 'type' is missing");
        return new()
        {
            Name = variable.Name,
            Type = (MapType)mapType,
            KeySize = keySize,
            ValueSize = valueSize,
            MaxEntries = maxEntries,
            Flags = (MapFlags)flags,
            KeyTypeId = keyType,
            ValueTypeId = valueType,
        };
    }

    private static uint Number(BtfFile btf, BtfMember field)
    {
        var pointer = btf.Resolve(field.Type);
        var array = pointer.Kind is BtfKind.Pointer ? btf.Resolve(pointer.Target) : pointer;
        return array.Kind is BtfKind.Array
            ? array.Length
            : throw new InvalidBpfObjectException($"map field '{field.Name}' is a {array.Kind}, expected int (*{field.Name})[number]");
    }

    private static (uint Id, uint Size) Type(BtfFile btf, BtfMember field)
    {
        var pointer = btf.Resolve(field.Type);
        return pointer.Kind is BtfKind.Pointer
            ? (pointer.Target, btf.SizeOf(pointer.Target))
            : throw new InvalidBpfObjectException($"map field '{field.Name}' is a {pointer.Kind}, expected type *{field.Name}");
    }
}
