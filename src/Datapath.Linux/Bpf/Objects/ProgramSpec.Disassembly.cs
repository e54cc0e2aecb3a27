using System.Collections.Immutable;
using Datapath.Linux.Btf;

namespace Datapath.Linux.Bpf;

// The instructions.
public sealed partial record ProgramSpec
{
    /// <summary>The number of instructions, those of the functions that it calls among them. Instructions that load 64 bits count twice, as in the kernel.</summary>
    public int InstructionCount => Instructions.Length / BpfInstruction.Size;

    /// <summary>The types of the object that it comes from.</summary>
    internal BtfTypes? Types { get; init; }

    /// <summary>
    /// The instructions as they stand in the object, linked, before they are fitted to a kernel: maps, variables and functions of the kernel
    /// are named. <see cref="BpfProgram.Disassemble"/> tells what the kernel made of them.
    /// </summary>
    public ImmutableArray<ProgramInstruction> Disassemble()
    {
        var references = Relocations.ToDictionary(static r => r.Offset / BpfInstruction.Size, NameOf);
        return ProgramListing.Of(
            new(Instructions, static _ => null, references.GetValueOrDefault), ProgramListing.SourcesOf(Lines.AsSpan(), Types?.Index), BpfInstruction.Size);
    }

    private static string NameOf(ProgramRelocation reference) => reference.Kind switch
    {
        ProgramRelocationKind.Map => $"map '{reference.Name}'",
        ProgramRelocationKind.Variable => FormattableString.Invariant($"{reference.Name} + {reference.Addend}"),
        ProgramRelocationKind.KernelCall => reference.Name,
        _ => $"&{reference.Name}",
    };
}
