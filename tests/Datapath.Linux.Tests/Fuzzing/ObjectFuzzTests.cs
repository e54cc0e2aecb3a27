using Datapath.Linux.Bpf;
using Datapath.Linux.Btf;
using Datapath.Linux.Elf;

namespace Datapath.Linux.Tests.Fuzzing;

/// <summary>Real object files and types, broken a little.</summary>
public class ObjectFuzzTests
{
    private static readonly KernelBtf s_kernel = KernelBtf.Parse(Corpus.KernelTypes);

    [Test]
    public void Broken_objects_are_read_and_fitted_or_refused([Values(1, 2)] int seed) =>
        new FuzzRun<InvalidBpfObjectException>("object", ReadObject) { Allowance = 1 << 22 }.Run(Corpus.Objects, 20_000, seed);

    [Test]
    public void Broken_types_are_read_or_refused([Values(1, 2)] int seed) =>
        new FuzzRun<InvalidBpfObjectException>("types", static input => BtfFile.Parse(input)).Run([Corpus.KernelTypes, .. Corpus.Sections(".BTF")], 40_000, seed);

    [Test]
    public void Broken_types_are_indexed_or_refused([Values(1, 2)] int seed) =>
        new FuzzRun<InvalidBpfObjectException>("index", ReadIndex).Run([Corpus.KernelTypes, .. Corpus.Sections(".BTF")], 80_000, seed);

    [Test]
    public void Broken_types_of_a_module_are_indexed_or_refused([Values(1, 2)] int seed)
    {
        var kernel = BtfIndex.Parse(Corpus.KernelTypes);
        new FuzzRun<InvalidBpfObjectException>("module", input => Look(BtfIndex.Parse(input, kernel))).Run(Corpus.Sections(".BTF"), 30_000, seed);
    }

    [Test]
    public void Broken_records_of_instructions_are_read_or_refused([Values(1, 2)] int seed)
    {
        var btf = BtfFile.Parse(ElfFile.Parse(Corpus.Object("core")).FindSection(".BTF")!.Data);
        var input = ElfFile.Parse(Corpus.Object("core")).FindSection(".BTF.ext")!.Data.ToArray();
        new FuzzRun<InvalidBpfObjectException>("records", bytes => BtfExt.Parse(bytes, btf)).Run([input], 40_000, seed);
    }

    [Test]
    public void Relocations_against_broken_types_are_answered_or_refused([Values(1, 2)] int seed)
    {
        var spec = BpfObjectSpec.Parse(Corpus.Object("core"));
        var program = spec.Programs["ask"];
        new FuzzRun<InvalidBpfObjectException>("kernel", input => new TargetKernel(spec, KernelBtf.Parse(input)).Fit(program, program.Instructions.ToArray()))
            .Run([Corpus.KernelTypes], 30_000, seed);
    }

    [Test]
    public void Relocations_of_broken_types_are_answered_or_refused([Values(1, 2)] int seed)
    {
        var program = BpfObjectSpec.Parse(Corpus.Object("core")).Programs["ask"];
        CoreRelocation[] relocations =
            [.. program.CoreRelocations.Select(static r => new CoreRelocation((int)r.Offset, r.Type, r.Access, (CoreRelocationKind)r.Kind))];
        new FuzzRun<InvalidBpfObjectException>(
                "local", input => CoreLinker.Apply(program.Instructions.ToArray(), relocations, new(BtfIndex.Parse(input), s_kernel.Index)))
            .Run([ElfFile.Parse(Corpus.Object("core")).FindSection(".BTF")!.Data.ToArray()], 30_000, seed);
    }

    private static void ReadObject(byte[] input)
    {
        var spec = BpfObjectSpec.Parse(input);
        var kernel = new TargetKernel(spec, s_kernel);
        foreach (var program in spec.Programs.Values)
            _ = kernel.Fit(program, program.Instructions.ToArray());
    }

    private static void ReadIndex(byte[] input) => Look(BtfIndex.Parse(input));

    private static void Look(BtfIndex index)
    {
        _ = index.Find(BtfKind.Struct, "sk_buff"u8);
        _ = index.Find(BtfKind.Func, "never"u8);
        for (var id = 1U; id <= index.Count; id++)
        {
            var type = index[id];
            if (type.IsComposite && type.Count > 0)
                _ = index.SizeOf(type.Field(type.Count - 1).Type);
            else if (type.IsEnum && type.Count > 0)
                _ = type.ValueName(type.Count - 1).Length + (long)type.Value(type.Count - 1);
        }
    }
}
