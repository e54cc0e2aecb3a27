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
    private Dictionary<string, ulong?>? _addresses;

    /// <summary>A program with the number of the type that it is made for, if it is made for one.</summary>
    /// <exception cref="MissingFromKernelException">The kernel has nothing of that name.</exception>
    /// <exception cref="FeatureNotSupportedException">The kernel has no hooks for security modules.</exception>
    /// <exception cref="InvalidBpfObjectException">The program stands in for a function of another program.</exception>
    public static ProgramSpec Resolve(ProgramSpec program) => program switch
    {
        // An iterator is made for a function of the kernel that stands for what is walked over.
        { AttachType: AttachType.TraceIterator } => MadeFor(program, BtfKind.Func, "bpf_iter_", "iterator"),

        // For each tracepoint the kernel has a type that tells its arguments.
        { AttachType: AttachType.TraceRawTracepoint } => MadeFor(program, BtfKind.Typedef, "btf_trace_", "tracepoint"),
        { AttachType: AttachType.TraceFunctionEntry or AttachType.TraceFunctionExit or AttachType.ModifyReturn } => MadeFor(program, BtfKind.Func, "", "function"),
        { AttachType: AttachType.LsmMac or AttachType.LsmCgroup } => MadeForSecurityHook(program),
        { Type: ProgramType.Extension } => throw new InvalidBpfObjectException(
            $"program '{program.Name}' stands in for a function of another program, which the loader cannot find; do not enable it"),
        _ => program,
    };

    private static ProgramSpec MadeFor(ProgramSpec program, BtfKind kind, string prefix, string what)
    {
        var id = KernelBtf.Running.Find(kind, prefix + program.AttachTarget).Id;
        return id != 0
            ? program with { AttachBtfId = id }
            : throw new MissingFromKernelException(program.AttachTarget, $"program '{program.Name}': this kernel has no {what} '{program.AttachTarget}'");
    }

    private static ProgramSpec MadeForSecurityHook(ProgramSpec program)
    {
        try
        {
            return MadeFor(program, BtfKind.Func, "bpf_lsm_", "security hook");
        }
        catch (MissingFromKernelException)
        {
            BpfFeature.SecurityHooks.ThrowIfUnsupported(); // it may have none at all
            throw;
        }
    }

    /// <summary>The address of a symbol that the object names, 0 if the kernel has none.</summary>
    /// <exception cref="LinuxException">The kernel hides addresses.</exception>
    /// <exception cref="InvalidBpfObjectException">The kernel has several symbols of that name.</exception>
    public ulong AddressOf(string symbol)
    {
        if (!Addresses.TryGetValue(symbol, out var address))
            return 0;
        return address switch
        {
            null => throw new InvalidBpfObjectException($"the kernel has more than one symbol '{symbol}'; which one is meant?"),
            0 => throw KernelSymbolTable.Hidden(symbol),
            _ => address.Value,
        };
    }

    /// <summary>Whether the kernel itself finds a symbol, as it must to put the address of a variable into a program.</summary>
    public bool Knows(string symbol) => Addresses.ContainsKey(symbol);

    // Read once a load, and only if a program asks for an address.
    private Dictionary<string, ulong?> Addresses => _addresses ??= KernelSymbolTable.Find(spec.Programs.Values
        .Where(static p => p.IsEnabled)
        .SelectMany(static p => p.Relocations)
        .Where(static r => r.Kind is ProgramRelocationKind.KernelSymbol or ProgramRelocationKind.KernelAddress)
        .Select(static r => r.Name)
        .ToHashSet());

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

        return CoreLinker.Apply(code, relocations, _relocator ??= new(BtfIndex.Parse(spec.Btf), (types ?? KernelBtf.Running).Index));
    }
}
