using System.Collections.Immutable;
using Datapath.Linux.Btf;
using Datapath.Linux.Elf;

namespace Datapath.Linux.Bpf;

/// <summary>Fits the programs of an object to the kernel that it is loaded into. The kernel's types are read only if the object asks for something of them.</summary>
/// <param name="spec">The object.</param>
/// <param name="types">The types to fit programs to; those of the running kernel by default.</param>
internal sealed class TargetKernel(BpfObjectSpec spec, KernelBtf? types)
{
    private CoreRelocator? _relocator;

    /// <summary>A program with the number of the type that it is made for, if it is made for one.</summary>
    /// <exception cref="InvalidBpfObjectException">The kernel has nothing of that kind to walk over.</exception>
    public static ProgramSpec Resolve(ProgramSpec program)
    {
        if (program.AttachType is not AttachType.TraceIterator)
            return program;

        // An iterator is made for a function of the kernel that stands for what is walked over.
        var id = KernelBtf.Running.FindFunction("bpf_iter_" + program.AttachTarget);
        return id != 0
            ? program with { AttachBtfId = id }
            : throw new InvalidBpfObjectException($"program '{program.Name}': this kernel has no iterator '{program.AttachTarget}'");
    }

    /// <summary>Fits instructions to the kernel's types.</summary>
    /// <returns>The instructions that cannot work.</returns>
    /// <exception cref="InvalidBpfObjectException">The program asks for something that makes no sense, or the answer is ambiguous.</exception>
    public ImmutableArray<CorePoison> Fit(ProgramSpec program, Span<byte> code)
    {
        if (program.CoreRelocations.IsEmpty)
            return [];
        var relocations = new CoreRelocation[program.CoreRelocations.Length];
        for (var i = 0; i < relocations.Length; i++)
        {
            var record = program.CoreRelocations[i];
            relocations[i] = new((int)record.Offset, record.Type, record.Access, (CoreRelocationKind)record.Kind);
        }

        return CoreLinker.Apply(code, relocations, _relocator ??= new(BtfIndex.Parse(spec.Btf), (types ?? KernelBtf.Running).Types));
    }
}
