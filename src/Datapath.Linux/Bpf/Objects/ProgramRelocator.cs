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
    /// <param name="modules">Its modules; they keep open what is found in them.</param>
    /// <exception cref="MissingFromKernelException">The kernel lacks something that the program does not do without.</exception>
    public static RelocatedCode Relocate(ProgramSpec program, ImmutableDictionary<string, BpfMap> maps, TargetKernel kernel, KernelModules modules)
    {
        var code = program.Instructions.ToArray();
        var poisons = kernel.Fit(program, code);
        List<SafeBpfHandle> used = [];
        foreach (var relocation in program.Relocations)
        {
            var instruction = code.AsSpan(relocation.Offset);
            switch (relocation.Kind)
            {
                case ProgramRelocationKind.KernelCall:
                    var (function, module) = FindFunction(program, relocation, modules);
                    BpfInstruction.SetSource(instruction, function == 0 ? (byte)0 : BpfInstruction.CallKernel);
                    BpfInstruction.SetImmediate(instruction, function == 0 ? MissingFunction : (int)function);
                    BpfInstruction.SetOffset(instruction, module is null ? (short)0 : PlaceOf(module, used));
                    break;
                case ProgramRelocationKind.KernelAddress:
                    var (type, owner) = FindAddress(program, relocation, kernel, modules);
                    BpfInstruction.SetSource(instruction, type == 0 ? (byte)0 : BpfInstruction.SourceKernelType);
                    BpfInstruction.SetImmediate(instruction, (int)type);
                    BpfInstruction.SetImmediate(instruction[BpfInstruction.Size..], owner is null ? 0 : (int)owner.DangerousGetHandle()); // 0: the kernel's own types
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

        return new(code, poisons, [.. used]);
    }

    private static BpfMap Find(ProgramSpec program, ProgramRelocation relocation, ImmutableDictionary<string, BpfMap> maps) =>
        maps.TryGetValue(relocation.Name, out var map)
            ? map
            : throw new InvalidOperationException($"program '{program.Name}' uses map '{relocation.Name}', which was taken out of the spec");

    private static short PlaceOf(SafeBpfHandle module, List<SafeBpfHandle> used)
    {
        if (!used.Contains(module))
            used.Add(module);
        return (short)(used.IndexOf(module) + 1); // 0 is the kernel itself
    }

    // Descriptors of calls are the running kernel's, whatever the program was fitted to.
    private static (uint Type, SafeBpfHandle? Module) FindFunction(ProgramSpec program, ProgramRelocation relocation, KernelModules modules)
    {
        if (KernelBtf.Running.FindFunction(relocation.Name) is not 0 and var own)
            return (own, null);
        if (modules.FindFunction(relocation.Name) is not var (type, module))
        {
            ThrowUnlessWeak(program, relocation);
            return default;
        }

        try
        {
            return (type, modules.Open(module));
        }
        catch (BpfException e) when (e.Errno is Errno.EPERM && relocation.IsWeak)
        {
            return default; // the program does without what it may not reach, as it does where the kernel does not have it
        }
    }

    private static (uint Type, SafeBpfHandle? Module) FindAddress(ProgramSpec program, ProgramRelocation relocation, TargetKernel kernel, KernelModules modules)
    {
        var variable = KernelBtf.Running.Find(BtfKind.Var, relocation.Name).Id;
        if (variable == 0 || KernelBtf.Running.FindFunction(relocation.Name) != 0)
            return FindFunction(program, relocation, modules);
        if (kernel.Knows(relocation.Name))
            return (variable, null);
        return relocation.IsWeak
            ? default((uint, SafeBpfHandle?))
            : throw new MissingFromKernelException(relocation.Name, $"program '{program.Name}' needs '{relocation.Name}': this kernel does not know where its variables are (CONFIG_KALLSYMS_ALL); declare it weak to do without");
    }

    private static void ThrowUnlessWeak(ProgramSpec program, ProgramRelocation relocation)
    {
        if (!relocation.IsWeak)
            throw new MissingFromKernelException(relocation.Name, $"program '{program.Name}' needs '{relocation.Name}', which this kernel does not have; declare it weak to do without");
    }
}
