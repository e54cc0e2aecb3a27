namespace Datapath.Linux.Bpf;

/// <summary>What a descriptor or a pin holds.</summary>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public enum BpfItemKind
{
    /// <summary>Something that this library does not know.</summary>
    Unknown = 0,

    /// <summary>A program.</summary>
    Program = 1,

    /// <summary>A map.</summary>
    Map = 2,

    /// <summary>A link.</summary>
    Link = 3,

    /// <summary>Types.</summary>
    Btf = 4,
}
