using System.Collections.Immutable;
using Datapath.Linux.Btf;

namespace Datapath.Linux.Bpf;

/// <summary>Completes a program's instructions with the descriptors of its maps and with what the running kernel has.</summary>
internal static class ProgramRelocator
{
    /// <summary>No helper has this number: should the verifier reach the call, its log names it.</summary>
    private const int MissingFunction = 0xdead00;

    /// <param name="program">The program.</param>
    /// <param name="maps">The object's maps. The caller keeps their descriptors open until the program is loaded.</param>
    /// <param name="kernel">The kernel.</param>
    /// <param name="poisons">The instructions that cannot work on this kernel.</param>
    /// <exception cref="MissingFromKernelException">The kernel lacks something that the program does not do without.</exception>
    public static byte[] Relocate(ProgramSpec program, ImmutableDictionary<string, BpfMap> maps, TargetKernel kernel, out ImmutableArray<CorePoison> poisons)
    {
        var code = program.Instructions.ToArray();
        poisons = kernel.Fit(program, code);
        foreach (var relocation in program.Relocations)
        {
            var instruction = code.AsSpan(relocation.Offset);
            switch (relocation.Kind)
            {
                case ProgramRelocationKind.KernelCall:
                    var function = Find(program, relocation, BtfKind.Func);
                    BpfInstruction.SetSource(instruction, function == 0 ? (byte)0 : BpfInstruction.CallKernel);
                    BpfInstruction.SetImmediate(instruction, function == 0 ? MissingFunction : (int)function);
                    break;
                case ProgramRelocationKind.KernelAddress:
                    var type = FindAddress(program, relocation, kernel);
                    BpfInstruction.SetSource(instruction, type == 0 ? (byte)0 : BpfInstruction.SourceKernelType);
                    BpfInstruction.SetImmediate(instruction, (int)type);
                    BpfInstruction.SetImmediate(instruction[BpfInstruction.Size..], 0); // the kernel's own types, not a module's
                    break;
                case ProgramRelocationKind.KernelSymbol:
                    var address = kernel.AddressOf(relocation.Name);
                    if (address == 0)
                        ThrowUnlessWeak(program, relocation);
                    BpfInstruction.SetImmediate(instruction, (int)address);
                    BpfInstruction.SetImmediate(instruction[BpfInstruction.Size..], (int)(address >> 32));
                    break;
                default:
                    var isMap = relocation.Kind is ProgramRelocationKind.Map;
                    BpfInstruction.SetSource(instruction, isMap ? BpfInstruction.SourceMap : BpfInstruction.SourceMapValue);
                    BpfInstruction.SetImmediate(instruction, (int)Find(program, relocation, maps).Handle.DangerousGetHandle());
                    BpfInstruction.SetImmediate(instruction[BpfInstruction.Size..], (int)relocation.Addend);
                    break;
            }
        }

        return code;
    }

    private static BpfMap Find(ProgramSpec program, ProgramRelocation relocation, ImmutableDictionary<string, BpfMap> maps) =>
        maps.TryGetValue(relocation.Name, out var map)
            ? map
            : throw new InvalidOperationException($"program '{program.Name}' uses map '{relocation.Name}', which was taken out of the spec");

    private static uint Find(ProgramSpec program, ProgramRelocation relocation, params ReadOnlySpan<BtfKind> kinds)
    {
        foreach (var kind in kinds)
        {
            var id = KernelBtf.Running.Find(kind, relocation.Name).Id; // descriptors of calls are the running kernel's, whatever the program was fitted to
            if (id != 0)
                return id;
        }

        ThrowUnlessWeak(program, relocation);
        return 0;
    }

    private static uint FindAddress(ProgramSpec program, ProgramRelocation relocation, TargetKernel kernel)
    {
        var type = Find(program, relocation, BtfKind.Func, BtfKind.Var);
        if (type == 0 || KernelBtf.Running.Index[type].Kind is BtfKind.Func || kernel.Knows(relocation.Name))
            return type;
        return relocation.IsWeak
            ? 0U
            : throw new MissingFromKernelException(relocation.Name, $"program '{program.Name}' needs '{relocation.Name}': this kernel does not know where its variables are (CONFIG_KALLSYMS_ALL); declare it weak to do without");
    }

    private static void ThrowUnlessWeak(ProgramSpec program, ProgramRelocation relocation)
    {
        if (!relocation.IsWeak)
            throw new MissingFromKernelException(relocation.Name, $"program '{program.Name}' needs '{relocation.Name}', which this kernel does not have; declare it weak to do without");
    }
}
