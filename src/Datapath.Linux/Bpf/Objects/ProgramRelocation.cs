namespace Datapath.Linux.Bpf;

/// <summary>An instruction that is completed at the load.</summary>
/// <param name="Offset">Bytes from the first instruction.</param>
/// <param name="Kind">With what.</param>
/// <param name="Name">The map, the data section, or the name in the kernel.</param>
/// <param name="Addend">The place inside the data section.</param>
/// <param name="IsWeak">Whether the program copes if the kernel has no such name.</param>
internal sealed record ProgramRelocation(int Offset, ProgramRelocationKind Kind, string Name, uint Addend = 0, bool IsWeak = false);

/// <summary>What an instruction refers to.</summary>
internal enum ProgramRelocationKind
{
    /// <summary>A map.</summary>
    Map,

    /// <summary>A place inside a section of variables.</summary>
    Variable,

    /// <summary>A call of a function of the kernel.</summary>
    KernelCall,

    /// <summary>The address of a function or variable of the kernel, with its type.</summary>
    KernelAddress,

    /// <summary>The address of a function or variable of the kernel as a mere number.</summary>
    KernelSymbol,
}
