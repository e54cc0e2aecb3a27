namespace Datapath.Linux.Elf;

/// <summary>A place in a section that refers to a symbol.</summary>
/// <param name="Offset">Bytes from the start of the section.</param>
/// <param name="Type">How, see <see cref="ElfRelocationType"/>.</param>
/// <param name="Symbol">To what.</param>
internal sealed record ElfRelocation(int Offset, uint Type, ElfSymbol Symbol);

/// <summary>The relocations that clang writes for BPF (llvm, "BPF Instruction Set: ELF relocations").</summary>
internal static class ElfRelocationType
{
    /// <summary><c>R_BPF_64_64</c>: a 64-bit immediate of a two-slot load, a map or an address in a data section.</summary>
    public const uint LoadImmediate64 = 1;

    /// <summary><c>R_BPF_64_ABS64</c>: 64 bits of data, the address of a map or of a function.</summary>
    public const uint Data64 = 2;

    /// <summary><c>R_BPF_64_32</c>: the target of a call.</summary>
    public const uint Call = 10;
}
