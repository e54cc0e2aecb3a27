using Datapath.Linux.Bpf;
using Datapath.Linux.Elf;
using Datapath.Linux.Tests.Btf;

namespace Datapath.Linux.Tests.Elf;

/// <summary>Small files that ask for much memory.</summary>
public class SmallFileTests
{
    [Test]
    public void A_name_of_many_symbols_is_made_once()
    {
        var elf = new ElfBuilder();
        for (var i = 0; i < 10_000; i++)
            _ = elf.Symbol(new string('n', 4000), ElfSymbolType.Object, 0, 0, 0);
        var file = elf.Build();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var symbols = ElfFile.Parse(file).Symbols;
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(16L * file.Length));
        Assert.That(symbols[^1].Name, Has.Length.EqualTo(4000).And.SameAs(symbols[^2].Name));
    }

    [Test]
    public void Ends_of_one_name_are_refused_when_they_are_longer_than_the_table_by_far()
    {
        var table = new byte[100_000];
        var names = new NameTable(table.Length);
        long bytes = 0;
        Assert.That(
            () =>
            {
                for (var i = 0U; i < 4000; i++)
                    bytes += names.Make(i, table.AsSpan((int)i, 4000)).Length;
            },
            Throws.TypeOf<InvalidBpfObjectException>());
        Assert.That(bytes, Is.InRange(800_000, 1_000_000));
    }

    [Test]
    public void Programs_that_share_a_large_function_are_limited_in_all()
    {
        Assert.That(BpfObjectSpec.Parse(Sharing(20)).Programs, Has.Count.EqualTo(21));
        Assert.That(() => BpfObjectSpec.Parse(Sharing(30)), Throws.TypeOf<InvalidBpfObjectException>().With.Message.Contains("with those before it"));
    }

    // A large program, and small ones of a call to it and an exit.
    private static byte[] Sharing(int programs)
    {
        const int Length = 40_000;
        var code = Enumerable.Repeat(0xb7UL, Length - 1).Append(0x95UL).ToList();
        for (var i = 0; i < programs; i++)
            code.AddRange([0x1085 | ((ulong)(uint)-(code.Count + 1) << 32), 0x95]);
        var elf = new ElfBuilder();
        var section = elf.Section("cgroup/connect4", [.. code.SelectMany(BitConverter.GetBytes)], flags: ElfSection.Executable);
        _ = elf.Section(".BTF", new BtfBuilder().Build());
        _ = elf.Section("license", "GPL\0"u8.ToArray());
        _ = elf.Symbol("large", ElfSymbolType.Func, section, 0, 8 * Length);
        for (var i = 0; i < programs; i++)
            _ = elf.Symbol($"small{i}", ElfSymbolType.Func, section, (ulong)(8 * (Length + (2 * i))), 16);
        return elf.Build();
    }
}
