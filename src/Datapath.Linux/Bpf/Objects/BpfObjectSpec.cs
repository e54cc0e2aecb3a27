using System.Collections.Immutable;
using Datapath.Linux.Btf;
using Datapath.Linux.Elf;

namespace Datapath.Linux.Bpf;

/// <summary>
/// What an eBPF object file holds: programs, maps and variables. Reading is pure: the same file gives the same spec on every machine, and
/// whatever depends on the running kernel happens in <see cref="BpfObject.Load"/>. A spec may be changed before the load, and loaded often.
/// </summary>
/// <remarks>Minimum kernel: none; it is pure.</remarks>
public sealed partial class BpfObjectSpec
{
    private BpfObjectSpec(
        ImmutableDictionary<string, ProgramSpec> programs,
        ImmutableDictionary<string, MapSpec> maps,
        ImmutableDictionary<string, DataSectionSpec> dataSections,
        ImmutableDictionary<string, KernelOption> kernelOptions,
        string license,
        BtfTypes types,
        byte[] btf)
    {
        (Programs, Maps, DataSections) = (new("program", programs), new("map", maps), new("section of variables", dataSections));
        (KernelOptions, License, Types, Btf) = (kernelOptions, license, types, btf);
        var variables = ImmutableDictionary.CreateBuilder<string, VariableSpec>();
        foreach (var variable in dataSections.Values.OrderBy(static s => s.Name, StringComparer.Ordinal).SelectMany(static s => s.All))
            variables.TryAdd(variable.Name, variable);
        Variables = new("variable", variables.ToImmutable());
    }

    /// <summary>The programs by name.</summary>
    public BpfObjectDictionary<ProgramSpec> Programs { get; }

    /// <summary>The maps by name.</summary>
    public BpfObjectDictionary<MapSpec> Maps { get; private set; }

    /// <summary>The sections of variables by name.</summary>
    public BpfObjectDictionary<DataSectionSpec> DataSections { get; }

    /// <summary>
    /// The variables of all sections by name: constants to be set before the load, and what programs and user space share. If a static
    /// variable has the name of another, the one of the section that comes first by name.
    /// </summary>
    public BpfObjectDictionary<VariableSpec> Variables { get; }

    /// <summary>The licence that the programs declare to the kernel.</summary>
    public string License { get; }

    /// <summary>The types of the object, as the compiler wrote them.</summary>
    public BtfTypes Types { get; }

    /// <summary>The variables that stand for options of the kernel (<c>__kconfig</c>).</summary>
    internal ImmutableDictionary<string, KernelOption> KernelOptions { get; }

    /// <summary>The types, completed for the kernel.</summary>
    internal byte[] Btf { get; }

    /// <summary>Reads an object file from where it stands in a stream to its end, for example a resource of an assembly.</summary>
    /// <param name="file">The file. It stays open.</param>
    /// <exception cref="IOException">The stream cannot be read.</exception>
    /// <exception cref="InvalidBpfObjectException">The file is broken, or uses something that the loader does not offer.</exception>
    public static BpfObjectSpec Parse(Stream file)
    {
        ArgumentNullException.ThrowIfNull(file);
        using var bytes = new MemoryStream();
        file.CopyTo(bytes);
        return Parse(bytes.ToArray());
    }

    /// <summary>Reads an object file.</summary>
    /// <param name="file">The whole file, a 64-bit little-endian ELF of clang's BPF target, with BTF (<c>-g</c>).</param>
    /// <exception cref="InvalidBpfObjectException">The file is broken, or uses something that the loader does not offer.</exception>
    public static BpfObjectSpec Parse(ReadOnlyMemory<byte> file)
    {
        var elf = ElfFile.Parse(file);
        var btfSection = elf.FindSection(".BTF")
            ?? throw new InvalidBpfObjectException("no section '.BTF'; compile with -g");
        var btf = BtfFile.Parse(btfSection.Data);
        var maps = MapSpecReader.Read(elf, btf);
        var dataSections = DataSectionReader.Read(elf, btf);
        var ext = elf.FindSection(".BTF.ext") is { } extSection ? BtfExt.Parse(extSection.Data, btf) : BtfExt.Empty;
        var programs = ProgramSpecReader.Read(elf, btf, ext, maps, dataSections);
        ThrowIfUnfillable(maps, programs);
        return new(
            programs,
            maps,
            dataSections,
            KernelOption.ReadAll(elf, btf),
            LicenseReader.Read(elf),
            btf.View,
            BtfFixup.Complete(btf, elf));
    }

    // What maps are to hold from the start must be in the file.
    private static void ThrowIfUnfillable(ImmutableDictionary<string, MapSpec> maps, ImmutableDictionary<string, ProgramSpec> programs)
    {
        foreach (var (name, map) in maps)
        {
            if (map.Values.IsEmpty)
                continue;
            foreach (var (key, value) in map.Values)
            {
                var isProgram = map.Type is MapType.ProgramArray;
                if (!(isProgram ? programs.ContainsKey(value) : maps.ContainsKey(value)))
                    throw new InvalidBpfObjectException($"map '{name}': value {key} is '{value}', which is no {(isProgram ? "program" : "map")} of the file");
            }
        }
    }
}
