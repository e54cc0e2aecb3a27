using System.Collections.Immutable;

namespace Datapath.Linux.Bpf;

/// <summary>A program of an object, not yet loaded.</summary>
public sealed record ProgramSpec
{
    /// <summary>The name of its function.</summary>
    public required string Name { get; init; }

    /// <summary>The kind, from the name of its section.</summary>
    public required ProgramType Type { get; init; }

    /// <summary>The hook that it is made for, from the name of its section.</summary>
    public required AttachType AttachType { get; init; }

    /// <summary>The type of the kernel (an id of its BTF) that the program is made for; 0 if none. Iterators have one.</summary>
    internal uint AttachBtfId { get; init; }

    /// <summary>The instructions, 8 bytes each, before relocation.</summary>
    internal ReadOnlyMemory<byte> Instructions { get; init; }

    internal ImmutableArray<ProgramRelocation> Relocations { get; init; } = [];
}

/// <summary>An instruction that loads the address of a map or of a variable.</summary>
/// <param name="Offset">Bytes from the first instruction.</param>
/// <param name="Map">The map, or the data section, by name.</param>
/// <param name="IsVariable">Whether it is a place inside the data section rather than the map itself.</param>
/// <param name="Addend">The place inside the data section.</param>
internal readonly record struct ProgramRelocation(int Offset, string Map, bool IsVariable, uint Addend);
