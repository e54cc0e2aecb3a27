using System.Collections.Immutable;
using Datapath.Linux.Elf;

namespace Datapath.Linux.Bpf;

/// <summary>An object file's programs and maps in the kernel. Disposing closes the descriptors; what is attached or pinned stays.</summary>
/// <remarks>Minimum kernel: 5.6: older ones refuse the types that clang writes today.</remarks>
public sealed class BpfObject : IDisposable
{
    private readonly ImmutableArray<BpfMap> _owned;

    private BpfObject(ImmutableDictionary<string, BpfProgram> programs, ImmutableDictionary<string, BpfMap> maps, ImmutableArray<BpfMap> owned) =>
        (Programs, Maps, _owned) = (programs, maps, owned);

    /// <summary>The programs by name.</summary>
    public ImmutableDictionary<string, BpfProgram> Programs { get; }

    /// <summary>The maps by name, the reused ones among them.</summary>
    public ImmutableDictionary<string, BpfMap> Maps { get; }

    /// <summary>Creates the maps and loads the programs that are enabled. If anything fails, nothing stays.</summary>
    /// <param name="spec">What to load.</param>
    /// <param name="reuse">Maps to take instead of new ones, by name, for example pinned ones. The caller goes on owning them.</param>
    /// <param name="kernelTypes">The types to fit programs to (CO-RE), for a kernel that has none built in; those of the running kernel by default.</param>
    /// <exception cref="InvalidBpfObjectException">A program needs something of the kernel's that this kernel does not have.</exception>
    /// <exception cref="IncompatibleMapException">A map to reuse differs from the spec.</exception>
    /// <exception cref="VerifierException">The verifier refused a program.</exception>
    /// <exception cref="FeatureNotSupportedException">The kernel lacks something that the object needs.</exception>
    /// <exception cref="BpfException">The kernel refused something else.</exception>
    public static BpfObject Load(BpfObjectSpec spec, IReadOnlyDictionary<string, BpfMap>? reuse = null, KernelBtf? kernelTypes = null)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var owned = ImmutableArray.CreateBuilder<BpfMap>();
        var programs = ImmutableDictionary.CreateBuilder<string, BpfProgram>();
        try
        {
            using var factory = new BpfMapFactory(spec);
            var maps = ImmutableDictionary.CreateBuilder<string, BpfMap>();
            foreach (var (name, mapSpec) in spec.Maps)
            {
                if (reuse is not null && reuse.TryGetValue(name, out var reused))
                {
                    IncompatibleMapException.ThrowIfDifferent(reused, mapSpec);
                    maps.Add(name, reused);
                    continue;
                }

                owned.Add(factory.Create(mapSpec));
                maps.Add(name, owned[^1]);
            }

            foreach (var (name, section) in spec.DataSections)
            {
                owned.Add(factory.Create(section));
                maps.Add(name, owned[^1]);
            }

            var all = maps.ToImmutable();
            var kernel = new TargetKernel(spec, kernelTypes);
            foreach (var (name, program) in spec.Programs)
            {
                if (!program.IsEnabled)
                    continue;
                var code = ProgramRelocator.Relocate(program, all, kernel, out var poisons);
                programs.Add(name, BpfProgram.Load(TargetKernel.Resolve(program), code, spec.License, factory.Btf, poisons));
            }

            return new(programs.ToImmutable(), all, owned.ToImmutable());
        }
        catch
        {
            foreach (var program in programs.Values)
                program.Dispose();
            foreach (var map in owned)
                map.Dispose();
            throw;
        }
    }

    /// <summary>Closes the descriptors of the programs and of the maps that were not reused.</summary>
    public void Dispose()
    {
        foreach (var program in Programs.Values)
            program.Dispose();
        foreach (var map in _owned)
            map.Dispose();
    }
}
