using Datapath.BpfObjects;
using Datapath.Linux.Bpf;
using Datapath.Linux.Elf;
using Datapath.Linux.Tests.Btf;

namespace Datapath.Linux.Tests.Elf;

/// <summary>Broken object files: only the declared exception may come out.</summary>
public class ElfFuzzTests
{
    private static readonly byte[] s_object = SocketLbObject.Read();

    [Test]
    public void Every_truncation_of_the_object_is_refused()
    {
        for (var length = 0; length < s_object.Length; length++)
            Assert.That(Fuzz.IsRead(() => Read(s_object.AsMemory(0, length))), Is.False, $"{length} bytes");
    }

    [Test]
    public void A_changed_object_is_read_or_refused([Values(1, 2, 3, 4)] int seed)
    {
        var random = new Random(seed);
        var read = 0;
        const int Rounds = 1500;
        for (var round = 0; round < Rounds; round++)
        {
            if (Fuzz.IsRead(() => Read(Fuzz.Mutate(s_object, random))))
                read++;
        }

        Assert.That(read, Is.InRange(Rounds / 50, Rounds - (Rounds / 50)), "both ways must be taken often, or the bytes tell nothing");
    }

    // Of a small file nearly every byte means something.
    [Test]
    public void A_changed_small_object_is_read_or_refused([Values(1, 2, 3, 4)] int seed)
    {
        var file = Small();
        Read(file);
        var random = new Random(seed);
        var read = 0;
        const int Rounds = 20_000;
        for (var round = 0; round < Rounds; round++)
        {
            if (Fuzz.IsRead(() => Read(Fuzz.Mutate(file, random))))
                read++;
        }

        Assert.That(read, Is.InRange(Rounds / 50, Rounds - (Rounds / 50)));
    }

    [Test]
    public void Any_bytes_behind_a_good_header_are_read_or_refused([Values(1, 2)] int seed)
    {
        var random = new Random(seed);
        var header = Small()[..64];
        for (var round = 0; round < 20_000; round++)
        {
            var file = new byte[random.Next(0, 2048)];
            random.NextBytes(file);
            if (round % 4 != 0)
                header.AsSpan(0, Math.Min(header.Length, file.Length)).CopyTo(file);
            _ = Fuzz.IsRead(() => Read(file));
        }
    }

    private static void Read(ReadOnlyMemory<byte> file)
    {
        var isElf = Fuzz.IsRead(() => ElfFile.Parse(file));
        _ = BpfObjectSpec.Parse(file);
        Assert.That(isElf, Is.True);
    }

    private static byte[] Small()
    {
        var btf = new BtfBuilder();
        var word = btf.Int("word", 4);
        var map = btf.Map("counts", (uint)MapType.Array, word, word, 8);
        _ = btf.DataSection(".maps", map);
        _ = btf.DataSection(".rodata", btf.Variable("knob", btf.Const(word)));
        var elf = new ElfBuilder();
        _ = elf.Section(".BTF", btf.Build());
        _ = elf.Section("license", "GPL\0"u8.ToArray());
        var maps = elf.Section(".maps", new byte[32]);
        var constants = elf.Section(".rodata", new byte[4]);
        _ = elf.Section(".bss", [], ElfSectionType.NoBits, size: 16);
        var counts = elf.Symbol("counts", ElfSymbolType.Object, maps, 0, 32);
        var knob = elf.Symbol("knob", ElfSymbolType.Object, constants, 0, 4);
        var program = elf.Program("cgroup/connect4", "dial", 0x118, 0, 0x118, 0, 0x1_000000b7, 0x95);
        elf.Relocation(program, 0, ElfRelocationType.LoadImmediate64, counts);
        elf.Relocation(program, 16, ElfRelocationType.LoadImmediate64, knob);
        return elf.Build();
    }
}
