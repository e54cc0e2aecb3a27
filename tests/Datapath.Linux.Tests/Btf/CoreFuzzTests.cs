using Datapath.BpfObjects;
using Datapath.Linux.Btf;
using Datapath.Linux.Elf;

namespace Datapath.Linux.Tests.Btf;

/// <summary>Broken types on either side of a relocation: only the declared exception may come out, and soon.</summary>
public class CoreFuzzTests
{
    private static readonly byte[] s_section = ElfFile.Parse(SocketLbObject.Read()).FindSection(".BTF")!.Data.ToArray();

    [Test]
    public void Relocations_between_changed_types_are_answered_or_refused([Values(1, 2, 3)] int seed)
    {
        var random = new Random(seed);
        var (read, rounds) = (0, 4000);
        for (var round = 0; round < rounds; round++)
        {
            var (mine, theirs) = (Fuzz.Mutate(s_section, random), Fuzz.Mutate(s_section, random));
            var relocation = Any(random, 60);
            if (Fuzz.IsRead(() => Link(mine, theirs, relocation)))
                read++;
        }

        Assert.That(read, Is.InRange(rounds / 50, rounds - (rounds / 50)), "both ways must be taken often, or the bytes tell nothing");
    }

    [Test]
    public void Relocations_between_any_small_types_are_answered_or_refused([Values(1, 2)] int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 20_000; round++)
        {
            var (mine, theirs) = (AnyTypes(random), AnyTypes(random));
            var relocation = Any(random, 12);
            _ = Fuzz.IsRead(() => Link(mine, theirs, relocation));
        }
    }

    private static void Link(byte[] mine, byte[] theirs, CoreRelocation relocation)
    {
        var code = new byte[] { 0xb7, 1, 0, 0, 0, 0, 0, 0 };
        _ = CoreLinker.Apply(code, [relocation], new(BtfIndex.Parse(mine), BtfIndex.Parse(theirs)));
    }

    private static CoreRelocation Any(Random random, int types) => new(
        0,
        (uint)random.Next(types),
        random.Next(4) == 0 ? "0" : string.Join(':', Enumerable.Range(0, random.Next(1, 5)).Select(i => i == 0 ? 0 : random.Next(4))),
        (CoreRelocationKind)random.Next(13));

    // Small numbers, so that records refer to each other; one name, so that all of them are candidates.
    private static byte[] AnyTypes(Random random)
    {
        var builder = new BtfBuilder();
        for (var types = random.Next(1, 12); types > 0; types--)
        {
            var kind = (BtfKind)random.Next(1, 20);
            var count = random.Next(0, 3);
            var words = kind switch
            {
                BtfKind.Int or BtfKind.Var or BtfKind.DeclTag => 1,
                BtfKind.Array => 3,
                BtfKind.Struct or BtfKind.Union or BtfKind.DataSection or BtfKind.Enum64 => 3 * count,
                BtfKind.Enum or BtfKind.FuncProto => 2 * count,
                _ => 0,
            };
            _ = builder.Record("t", kind, count, (uint)random.Next(0, 12), [.. Enumerable.Range(0, words).Select(_ => (uint)random.Next(0, 3))]);
        }

        return builder.Build();
    }
}
