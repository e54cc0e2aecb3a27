using System.Collections.Immutable;
using Datapath.Linux.Elf;

namespace Datapath.Linux.Bpf;

/// <summary>An object file's programs and maps in the kernel. Disposing closes the descriptors; what is attached or pinned stays.</summary>
/// <remarks>Minimum kernel: 5.6: older ones refuse the types that clang writes today.</remarks>
public sealed class BpfObject : IDisposable
{
    private readonly ImmutableArray<BpfMap> _owned;
    private readonly ImmutableDictionary<string, SectionMemory> _sections;

    internal BpfObject(
        BpfObjectSpec spec, ImmutableDictionary<string, BpfProgram> programs, ImmutableDictionary<string, BpfMap> maps, ImmutableArray<BpfMap> owned)
    {
        (Programs, Maps, _owned) = (new("program", programs), new("map", maps), owned);
        _sections = spec.DataSections.Values.ToImmutableDictionary(static s => s.Name, s => new SectionMemory(maps[s.Name], s.IsReadOnly));
        Variables = new("variable", spec.Variables.Values.ToImmutableDictionary(static v => v.Name, v => new BpfVariable(v, _sections[v.Section])));
    }

    /// <summary>The programs by name, those that were not enabled not among them.</summary>
    public BpfObjectDictionary<BpfProgram> Programs { get; }

    /// <summary>The maps by name, the reused ones among them.</summary>
    public BpfObjectDictionary<BpfMap> Maps { get; }

    /// <summary>The global variables by name, shared with the programs.</summary>
    public BpfObjectDictionary<BpfVariable> Variables { get; }

    /// <summary>
    /// Creates the maps, loads the programs that are enabled, writes the initial values and pins the maps that are to be shared. If anything
    /// fails, nothing new stays, in memory or pinned. What shared maps held before is not changed until all else has succeeded: last, the jumps of
    /// shared arrays of programs are written; should the kernel refuse one of them, those before it stay.
    /// </summary>
    /// <param name="spec">What to load.</param>
    /// <param name="options">How.</param>
    /// <exception cref="MissingFromKernelException">The object needs something of the kernel's that this kernel does not have.</exception>
    /// <exception cref="InvalidBpfObjectException">A program that is enabled has no known kind, or what it asks of the kernel is ambiguous.</exception>
    /// <exception cref="IncompatibleMapException">A map to reuse, given or pinned, differs from the spec.</exception>
    /// <exception cref="VerifierException">The verifier refused a program.</exception>
    /// <exception cref="FeatureNotSupportedException">The kernel lacks something that the object needs.</exception>
    /// <exception cref="BpfException">
    /// The kernel refused something else; <see cref="Errno.EEXIST"/> if somebody else pinned a shared map in the meantime: load again.
    /// </exception>
    /// <exception cref="LinuxException">The folder of shared maps cannot be used.</exception>
    /// <exception cref="ArgumentException">The options name a map that the object does not have, or no folder although maps are shared by name.</exception>
    /// <exception cref="InvalidOperationException">Programs or maps need a map or program that was taken out of the spec.</exception>
    public static BpfObject Load(BpfObjectSpec spec, BpfLoadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return BpfObjectLoader.Load(spec, options ?? new());
    }

    /// <summary>Closes the descriptors of the programs and of the maps that were not given to the load.</summary>
    public void Dispose()
    {
        foreach (var program in Programs.Values)
            program.Dispose();
        foreach (var map in _owned)
            map.Dispose();
        foreach (var section in _sections.Values)
            section.Dispose();
    }
}
