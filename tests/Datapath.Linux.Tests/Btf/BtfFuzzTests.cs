using Datapath.BpfObjects;
using Datapath.Linux.Btf;
using Datapath.Linux.Elf;

namespace Datapath.Linux.Tests.Btf;

/// <summary>Broken types: only the declared exception may come out.</summary>
public class BtfFuzzTests
{
    private static readonly byte[] s_section = ElfFile.Parse(SocketLbObject.Read()).FindSection(".BTF")!.Data.ToArray();

    [Test]
    public void Changed_types_are_read_or_refused([Values(1, 2, 3, 4)] int seed)
    {
        var random = new Random(seed);
        var read = 0;
        const int Rounds = 4000;
        for (var round = 0; round < Rounds; round++)
        {
            if (Fuzz.IsRead(() => ReadAll(Fuzz.Mutate(s_section, random))))
                read++;
        }

        Assert.That(read, Is.InRange(Rounds / 50, Rounds - (Rounds / 50)), "both ways must be taken often, or the bytes tell nothing");
    }

    [Test]
    public void Changed_records_of_instructions_are_read_or_refused([Values(1, 2, 3, 4)] int seed)
    {
        var elf = ElfFile.Parse(SocketLbObject.Read());
        var section = elf.FindSection(".BTF.ext")!.Data;
        var btf = BtfFile.Parse(s_section);
        Assert.That(BtfExt.Parse(section, btf).Functions["cgroup/connect4"], Is.Not.Empty);
        Assert.That(BtfExt.Parse(section, btf).Lines["cgroup/connect4"], Is.Not.Empty);
        var random = new Random(seed);
        var read = 0;
        const int Rounds = 4000;
        for (var round = 0; round < Rounds; round++)
        {
            if (Fuzz.IsRead(() => BtfExt.Parse(Fuzz.Mutate(section.Span, random), btf)))
                read++;
        }

        Assert.That(read, Is.InRange(Rounds / 50, Rounds - (Rounds / 50)), "both ways must be taken often, or the bytes tell nothing");
    }

    [Test]
    public void Any_words_behind_a_good_header_are_read_or_refused([Values(1, 2)] int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 20_000; round++)
        {
            // Small numbers, so that records refer to each other.
            var builder = new BtfBuilder();
            for (var types = random.Next(1, 12); types > 0; types--)
            {
                var rest = Enumerable.Range(0, random.Next(0, 7)).Select(_ => (uint)random.Next(0, 12));
                _ = builder.Record("t", (BtfKind)random.Next(0, 20), random.Next(0, 3), (uint)random.Next(0, 12), [.. rest]);
            }

            _ = Fuzz.IsRead(() => ReadAll(builder.Build()));
        }
    }

    private static void ReadAll(byte[] section)
    {
        var btf = BtfFile.Parse(section);
        foreach (var type in btf.Types)
        {
            _ = Fuzz.IsRead(() => btf.SizeOf(type.Id));
            _ = Fuzz.IsRead(() => btf.Resolve(type.Id));
        }
    }
}
