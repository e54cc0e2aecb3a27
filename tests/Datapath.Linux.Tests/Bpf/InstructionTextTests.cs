using System.Runtime.InteropServices;
using System.Text;
using Datapath.Linux.Bpf;

namespace Datapath.Linux.Tests.Bpf;

/// <summary>Instructions as text.</summary>
public class InstructionTextTests
{
    [TestCase(0x00000002_000000b7UL, "r0 = 2")]
    [TestCase(0xffffffff_000000b4UL, "w0 = -1")]
    [TestCase(0x00000000_000016bfUL, "r6 = r1")]
    [TestCase(0x00000000_000812bfUL, "r2 = (s8)r1")]
    [TestCase(0x00000001_000112bfUL, "r2 = addr_space_cast(r1, 1)")]
    [TestCase(0x00000005_00000107UL, "r1 += 5")]
    [TestCase(0x00000000_0000217fUL, "r1 >>= r2")]
    [TestCase(0x00000000_0001213cUL, "w1 s/= w2")]
    [TestCase(0x00000003_00000197UL, "r1 %= 3")]
    [TestCase(0x00000000_00000187UL, "r1 = -r1")]
    [TestCase(0x00000007_000001c7UL, "r1 s>>= 7")]
    [TestCase(0x00000010_000001dcUL, "r1 = be16 r1")]
    [TestCase(0x00000020_000001d7UL, "r1 = bswap32 r1")]
    [TestCase(0x00000000_00106361UL, "r3 = *(u32 *)(r6 + 16)")]
    [TestCase(0x00000000_fff8a179UL, "r1 = *(u64 *)(r10 - 8)")]
    [TestCase(0x00000000_00002191UL, "r1 = *(s8 *)(r2 + 0)")]
    [TestCase(0x00000009_fffc0a62UL, "*(u32 *)(r10 - 4) = 9")]
    [TestCase(0x00000000_0004126bUL, "*(u16 *)(r2 + 4) = r1")]
    [TestCase(0x00000000_000012dbUL, "lock *(u64 *)(r2 + 0) += r1")]
    [TestCase(0x00000041_000012c3UL, "r1 = fetch_or(*(u32 *)(r2 + 0), r1)")]
    [TestCase(0x000000f1_000012dbUL, "r0 = compare_exchange(*(u64 *)(r2 + 0), r0, r1)")]
    [TestCase(0x00000100_000012dbUL, "r2 = load_acquire((u64 *)(r1 + 0))")]
    [TestCase(0x0000000c_00000030UL, "r0 = *(u8 *)packet[12]")]
    [TestCase(0x00000000_00030005UL, "goto 4")]
    [TestCase(0x00000009_00000006UL, "goto 10")]
    [TestCase(0x00000000_00050115UL, "if r1 == 0 goto 6")]
    [TestCase(0x00000000_ffff21adUL, "if r1 < r2 goto 0")]
    [TestCase(0x00000007_00010166UL, "if w1 s> 7 goto 2")]
    [TestCase(0x00000002_00021085UL, "call function 3")]
    [TestCase(0x00000004_00001085UL, "call function 5")]
    [TestCase(0x00000001_00000085UL, "call helper 1")]
    [TestCase(0x00000007_00000085UL, "call seven")]
    [TestCase(0x00000001_00002085UL, "call kernel function 1")]
    [TestCase(0x00000000_00000095UL, "exit")]
    [TestCase(0x00000000_000000ffUL, "unknown instruction 0xff")]
    public void An_instruction_is_written_as_its_effect(ulong word, string expected) => Assert.That(Format(word), Is.EqualTo(expected));

    [TestCase(0, "r1 = 0x500000002")]
    [TestCase(1, "r1 = map 2")]
    [TestCase(2, "r1 = map 2 value + 5")]
    [TestCase(4, "r1 = function 3")]
    public void A_load_of_64_bits_takes_two_slots(int source, string expected)
    {
        var text = Text(0x00000002_00000118UL | ((ulong)source << 12), 0x00000005_00000000);
        Assert.That(text.Format(0, out var slots), Is.EqualTo(expected));
        Assert.That(slots, Is.EqualTo(2));
    }

    [Test]
    public void Any_bytes_are_written()
    {
        var random = new Random(1);
        for (var round = 0; round < 20_000; round++)
        {
            var text = Text((ulong)random.NextInt64(long.MinValue, long.MaxValue), (ulong)random.NextInt64());
            Assert.That(text.Format(0, out var slots), Is.Not.Empty);
            Assert.That(slots, Is.InRange(1, 2));
            Assert.That(text.Format(1, out slots), Is.Not.Empty);
            Assert.That(slots, Is.EqualTo(1), "the end of the code is the end");
        }
    }

    [Test]
    public void Calls_are_named_by_their_distance_from_the_base()
    {
        const string Symbols = "ffffffff81000100 T before\nffffffff81000200 t __bpf_call_base\nffffffff81000300 T bpf_after\nffffffffc0000200 t in_module\t[nf]\n";
        Assert.That(
            Calls(Symbols, 0x100, -0x100, 0x3f000000, 5),
            Is.EquivalentTo(new Dictionary<int, string> { [0x100] = "bpf_after", [-0x100] = "before", [0x3f000000] = "in_module" }));
        Assert.That(Calls("0000000000000000 t __bpf_call_base\n0000000000000000 T hidden\n", 0), Is.Empty);
        Assert.That(Calls("rubbish\n\n", 0), Is.Empty);
    }

    private static Dictionary<int, string> Calls(string symbols, params int[] immediates) =>
        KernelCalls.Find(take => KernelSymbolReader.Scan(Encoding.UTF8.GetBytes(symbols), take), immediates.ToHashSet());

    private static string Format(ulong word) => Text(word).Format(0, out _);

    private static InstructionText Text(params ulong[] words) =>
        new(MemoryMarshal.AsBytes<ulong>(words).ToArray(), static immediate => immediate == 7 ? "seven" : null);
}
