using Datapath.Linux.Bpf;

namespace Datapath.Linux.Tests.Bpf;

/// <summary>Names as the kernel takes them.</summary>
public class KernelNameTests
{
    [TestCase("dp_slots4", "dp_slots4")]
    [TestCase(".rodata", ".rodata")]
    [TestCase("", "")]
    [TestCase("exactly_15_long", "exactly_15_long")]
    [TestCase("sixteen_is_more_", "sixteen_is_more")]
    [TestCase("a-b c/d", "a_b_c_d", Description = "the kernel refuses other characters")]
    [TestCase("größe", "gr__e")]
    public void A_name_is_cut_and_cleaned(string name, string kept)
    {
        Span<byte> bytes = stackalloc byte[KernelName.Size];
        bytes.Fill(0xff);
        KernelName.Write(name, bytes);
        Assert.That(bytes[^1], Is.Zero);
        Assert.That(KernelName.Read(bytes), Is.EqualTo(kept));
    }

    [Test]
    public void A_name_without_end_is_read_whole() => Assert.That(KernelName.Read("0123456789abcdef"u8), Is.EqualTo("0123456789abcdef"));
}
