using System.Collections.Immutable;
using Datapath.Linux.Btf;
using Datapath.Linux.Elf;

namespace Datapath.Linux.Bpf;

/// <summary>
/// Reads the section <c>.maps</c>. A map is a variable of a struct whose fields say what it is: the length of the array behind a pointer is a
/// number, as is the only value of an enumeration, which may have 64 bits; the type behind a pointer is a type.
/// </summary>
internal static class MapSpecReader
{
    /// <summary>The section.</summary>
    public const string Section = ".maps";

    public static ImmutableDictionary<string, MapSpec> Read(ElfFile elf, BtfFile btf)
    {
        var maps = ImmutableDictionary.CreateBuilder<string, MapSpec>();
        if (elf.FindSection("maps") is not null)
            throw new InvalidBpfObjectException("section 'maps' holds maps of the form before BTF; define them in section '.maps'");
        if (btf.Find(BtfKind.DataSection, Section) is not { } section)
            return maps.ToImmutable();
        var places = new Dictionary<string, uint>();
        foreach (var variable in section.Members)
        {
            var type = btf[variable.Type];
            if (maps.ContainsKey(type.Name))
                throw new InvalidBpfObjectException($"map '{type.Name}' is there twice");
            maps.Add(type.Name, ReadMap(btf, type.Name, btf.Resolve(type.Target), isInner: false, out var valuesOffset));
            if (valuesOffset is { } offset)
                places.Add(type.Name, offset);
        }

        foreach (var (map, values) in InitialValueReader.Read(elf, places))
            maps[map].Values = values;
        return maps.ToImmutable();
    }

    private static MapSpec ReadMap(BtfFile btf, string name, BtfFileType definition, bool isInner, out uint? valuesOffset)
    {
        uint mapType = 0, keySize = 0, valueSize = 0, maxEntries = 0, flags = 0, pinning = 0, keyType = 0, valueType = 0;
        ulong extra = 0;
        uint? numaNode = null;
        BtfMember? values = null;
        foreach (var field in definition.Members)
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
                case "map_extra":
                    extra = LongNumber(btf, field);
                    break;
                case "numa_node":
                    numaNode = Number(btf, field);
                    break;
                case "pinning":
                    pinning = Number(btf, field);
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
                case "values":
                    values = field;
                    break;
                default:
                    throw new InvalidBpfObjectException($"map '{name}': field '{field.Name}' is not supported");
            }
        }

        if (mapType == 0)
            throw new InvalidBpfObjectException($"map '{name}': field 'type' is missing");
        if (pinning > (uint)MapPinning.ByName)
            throw new InvalidBpfObjectException($"map '{name}': pinning {pinning} is not supported; 1 pins by name");
        if (isInner && (pinning != 0 || values is not null))
            throw new InvalidBpfObjectException($"map '{name}' is what maps in a map are like: it can be neither pinned nor filled");
        valuesOffset = values is null ? null : (uint)(values.Value / 8);
        return new()
        {
            Name = name,
            Type = (MapType)mapType,
            KeySize = keySize,
            ValueSize = values is null ? valueSize : sizeof(uint), // a number of a map or program
            MaxEntries = maxEntries,
            Flags = (MapFlags)flags,
            NumaNode = numaNode,
            Extra = extra,
            Pinning = (MapPinning)pinning,
            InnerMap = values is null ? null : ReadInner(btf, name, (MapType)mapType, values),
            Types = keyType == 0 && valueType == 0 ? null : btf.View,
            KeyTypeId = keyType,
            ValueTypeId = values is null ? valueType : 0,
        };
    }

    // What the array behind the map's last field points to: the definition of a map, or a function.
    private static MapSpec? ReadInner(BtfFile btf, string name, MapType type, BtfMember values)
    {
        var array = btf.Resolve(values.Type);
        var pointer = array.Kind is BtfKind.Array ? btf.Resolve(array.Target) : array;
        var target = pointer.Kind is BtfKind.Pointer ? btf.Resolve(pointer.Target) : pointer;
        return (type, target.Kind) switch
        {
            (MapType.ProgramArray, BtfKind.FuncProto) => null,
            (MapType.ArrayOfMaps or MapType.HashOfMaps, BtfKind.Struct) => ReadMap(btf, name + ".inner", target, isInner: true, out _),
            _ => throw new InvalidBpfObjectException($"map '{name}': field 'values' holds a {target.Kind}, which a map of type {type} cannot hold"),
        };
    }

    private static uint Number(BtfFile btf, BtfMember field)
    {
        var number = LongNumber(btf, field);
        return number <= uint.MaxValue
            ? (uint)number
            : throw new InvalidBpfObjectException($"map field '{field.Name}' is {number}, which has more than 32 bits");
    }

    private static ulong LongNumber(BtfFile btf, BtfMember field)
    {
        var type = btf.Resolve(field.Type);
        var target = type.Kind is BtfKind.Pointer ? btf.Resolve(type.Target) : type;
        return (target.Kind, type.Kind, type.Members) switch
        {
            (BtfKind.Array, _, _) => target.Length,
            (_, BtfKind.Enum or BtfKind.Enum64, [var only]) => (ulong)only.Value,
            _ => throw new InvalidBpfObjectException(
                $"map field '{field.Name}' is a {target.Kind}, expected int (*{field.Name})[number] or enum {{ name = number }} {field.Name}"),
        };
    }

    private static (uint Id, uint Size) Type(BtfFile btf, BtfMember field)
    {
        var pointer = btf.Resolve(field.Type);
        return pointer.Kind is BtfKind.Pointer
            ? (pointer.Target, btf.SizeOf(pointer.Target))
            : throw new InvalidBpfObjectException($"map field '{field.Name}' is a {pointer.Kind}, expected type *{field.Name}");
    }
}
