using System.Collections.Immutable;
using Datapath.Linux.Btf;

namespace Datapath.Linux.Bpf;

/// <summary>One load: what it made so far, so that it can be undone.</summary>
internal sealed class BpfObjectLoader
{
    private readonly BpfObjectSpec _spec;
    private readonly BpfLoadOptions _options;
    private readonly ImmutableArray<BpfMap>.Builder _owned = ImmutableArray.CreateBuilder<BpfMap>();
    private readonly ImmutableDictionary<string, BpfMap>.Builder _maps = ImmutableDictionary.CreateBuilder<string, BpfMap>();
    private readonly ImmutableDictionary<string, BpfProgram>.Builder _programs = ImmutableDictionary.CreateBuilder<string, BpfProgram>();
    private readonly SharedMaps _shared;

    private BpfObjectLoader(BpfObjectSpec spec, BpfLoadOptions options) => (_spec, _options, _shared) = (spec, options, new(options.PinDirectory));

    public static BpfObject Load(BpfObjectSpec spec, BpfLoadOptions options)
    {
        if (options.ReusedMaps.Keys.FirstOrDefault(name => !spec.Maps.ContainsKey(name)) is { } unknown)
            throw new ArgumentException($"the object has no map '{unknown}' to reuse; it has {CloseNames.List(unknown, spec.Maps.Keys)}", nameof(options));
        ProgramSections.ThrowIfUnknown(spec.Programs.Values);
        var loader = new BpfObjectLoader(spec, options);
        try
        {
            using var factory = new BpfMapFactory(spec);
            loader.MakeMaps(factory);
            loader.LoadPrograms(factory);
            loader.WriteInitialValues();
            loader._shared.PinNew(loader.WriteSharedJumps); // last: nobody may take a map from a load that fails
            return new(spec, loader._programs.ToImmutable(), loader._maps.ToImmutable(), loader._owned.ToImmutable());
        }
        catch (BpfException e) when (e is { Errno: Errno.EPERM, MissingCapabilities: not LinuxCapabilities.None })
        {
            loader.Undo();

            // The call lacks something; who gets just that fails at the next one.
            throw BpfException.Refusal(e.Operation, e.Errno, BpfPermission.Of(spec) | e.MissingCapabilities);
        }
        catch
        {
            loader.Undo();
            throw;
        }
    }

    private void Undo()
    {
        foreach (var program in _programs.Values)
            program.Dispose();
        foreach (var map in _owned)
            map.Dispose();
    }

    private void MakeMaps(BpfMapFactory factory)
    {
        foreach (var (name, map) in _spec.Maps.OrderBy(static m => m.Key, StringComparer.Ordinal)) // the same order on every run
        {
            if (_options.ReusedMaps.TryGetValue(name, out var reused))
            {
                IncompatibleMapException.ThrowIfDifferent(reused, map);
                _maps.Add(name, reused);
                continue;
            }

            Own(name, map.Pinning is MapPinning.ByName ? _shared.OpenOrCreate(map, factory) : factory.Create(map));
        }

        foreach (var (name, section) in _spec.DataSections.OrderBy(static s => s.Key, StringComparer.Ordinal))
            Own(name, factory.Create(section, section.Name == KernelOptionLayout.Section ? KernelOption.Fill(_spec, section) : section.Content));
    }

    private void Own(string name, BpfMap map)
    {
        _owned.Add(map);
        _maps.Add(name, map);
    }

    private void LoadPrograms(BpfMapFactory factory)
    {
        var maps = _maps.ToImmutable();
        using var leases = new HandleLeases(maps.Values.Select(static m => m.Handle)); // a reused map is the caller's, who may dispose it meanwhile
        var kernel = new TargetKernel(_spec, _options.KernelTypes);
        using var modules = new KernelModules();
        foreach (var (name, program) in _spec.Programs.OrderBy(static p => p.Key, StringComparer.Ordinal))
        {
            if (!program.IsEnabled)
                continue;
            var code = ProgramRelocator.Relocate(program, maps, kernel, modules);
            _programs.Add(name, BpfProgram.Load(TargetKernel.Resolve(program), code, _spec.License, factory.Btf, _options.VerifierLog));
        }
    }

    // After the programs: those to jump to must be there. Into the maps of this load only: others run by what the shared ones hold.
    private void WriteInitialValues()
    {
        foreach (var (name, spec) in _spec.Maps)
        {
            if (!_options.ReusedMaps.ContainsKey(name))
                InitialValues.ThrowIfMissing(spec, _maps, _spec, _programs);
        }

        foreach (var (name, spec) in _spec.Maps)
        {
            if (!_options.ReusedMaps.ContainsKey(name) && !_shared.IsTaken(_maps[name]))
                InitialValues.Write(_maps[name], spec, _maps, _programs);
        }
    }

    // Jumps must lead to programs that live; the maps in a shared map of maps are whatever its users have made of it.
    private void WriteSharedJumps()
    {
        foreach (var (name, spec) in _spec.Maps)
        {
            if (spec.Type is MapType.ProgramArray && _shared.IsTaken(_maps[name]))
                InitialValues.Write(_maps[name], spec, _maps, _programs);
        }
    }
}
