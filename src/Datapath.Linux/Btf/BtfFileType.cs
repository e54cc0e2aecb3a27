using System.Collections.Immutable;

namespace Datapath.Linux.Btf;

/// <summary>One type of a BTF file.</summary>
internal sealed record BtfFileType
{
    /// <summary>Its number, from 1; 0 is void.</summary>
    public required uint Id { get; init; }

    public required BtfKind Kind { get; init; }

    /// <summary>Its name; empty if it has none.</summary>
    public required string Name { get; init; }

    /// <summary>Bytes, for kinds that have a size: int, struct, union, enum, data section, float.</summary>
    public uint Size { get; init; }

    /// <summary>The type referred to, for pointer, typedef, qualifiers, func, var, array (its element) and tags.</summary>
    public uint Target { get; init; }

    /// <summary>Elements, for an array.</summary>
    public uint Length { get; init; }

    /// <summary>Who sees it, for a func or var.</summary>
    public BtfLinkage Linkage { get; init; }

    /// <summary>Fields of a struct or union, values of an enum, variables of a data section.</summary>
    public ImmutableArray<BtfMember> Members { get; init; } = [];

    /// <summary>Where the type's record starts in the type section, for fix-ups before the load.</summary>
    public required int Offset { get; init; }
}

/// <summary>A field, an enum value or a variable.</summary>
/// <param name="Name">Its name; empty for an anonymous field, and for a variable, whose type is named.</param>
/// <param name="Type">Its type; 0 for an enum value.</param>
/// <param name="Value">A field: offset in bits. An enum value: the value, of 64 bits without a sign its bits. A variable: offset in bytes.</param>
/// <param name="Size">A variable: bytes. A bit field: bits. Otherwise 0.</param>
internal sealed record BtfMember(string Name, uint Type, long Value, uint Size);
