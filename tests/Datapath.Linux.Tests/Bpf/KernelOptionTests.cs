using Datapath.Linux.Bpf;
using Datapath.Linux.Elf;

namespace Datapath.Linux.Tests.Bpf;

/// <summary>Options of a kernel's build as variables of a program.</summary>
[TestFixture]
internal sealed class KernelOptionTests
{
    [Test]
    public void Options_that_are_set_are_found()
    {
        var options = KernelBuildOptions.Parse(new StringReader("#\n# Linux\n# CONFIG_A is not set\nCONFIG_B=y\nCONFIG_C=\"a=b\"\nCONFIG_D=0x10\n"));
        Assert.That(new[] { "CONFIG_A", "CONFIG_B", "CONFIG_C", "CONFIG_D" }.Select(options.Find), Is.EqualTo(new[] { null, "y", "\"a=b\"", "0x10" }));
    }

    [TestCase(KernelOptionKind.Truth, "y", new byte[] { 1 })]
    [TestCase(KernelOptionKind.Truth, "n", new byte[] { 0 })]
    [TestCase(KernelOptionKind.Tristate, "m", new byte[] { 2, 0, 0, 0 })]
    [TestCase(KernelOptionKind.Number, "m", new[] { (byte)'m' })]
    [TestCase(KernelOptionKind.Number, "255", new byte[] { 255 })]
    [TestCase(KernelOptionKind.Number, "-2", new byte[] { 0xfe, 0xff })]
    [TestCase(KernelOptionKind.Number, "0xffffffff80000000", new byte[] { 0, 0, 0, 0x80, 0xff, 0xff, 0xff, 0xff })]
    [TestCase(KernelOptionKind.Text, "\"abc\"", new byte[] { (byte)'a', (byte)'b', (byte)'c', 0 })]
    [TestCase(KernelOptionKind.Text, "\"abcdef\"", new byte[] { (byte)'a', (byte)'b', 0 })]
    public void Values_are_written_as_C_has_them(KernelOptionKind kind, string value, byte[] expected)
    {
        var bytes = Enumerable.Repeat((byte)0xcc, expected.Length).ToArray();
        new KernelOption("CONFIG_X", kind, IsWeak: false).Write(value, bytes);
        Assert.That(bytes, Is.EqualTo(expected));
    }

    [TestCase(KernelOptionKind.Truth, "m", 1)]
    [TestCase(KernelOptionKind.Number, "256", 1)]
    [TestCase(KernelOptionKind.Number, "-129", 1)]
    [TestCase(KernelOptionKind.Number, "y", 4)]
    [TestCase(KernelOptionKind.Number, "\"7\"", 4)]
    [TestCase(KernelOptionKind.Tristate, "7", 4)]
    [TestCase(KernelOptionKind.Text, "7", 4)]
    public void A_value_that_does_not_fit_is_refused(KernelOptionKind kind, string value, int size) => Assert.That(
        () => new KernelOption("CONFIG_X", kind, IsWeak: false).Write(value, new byte[size]),
        Throws.TypeOf<InvalidBpfObjectException>().With.Message.EqualTo($"this kernel has CONFIG_X={value}, which is no {kind} of {size} bytes"));

    [TestCase("6.18.44-fc", "Linux version 6.18.44-fc", "", 0x06122cU)]
    [TestCase("6.1.0-18-amd64", "Linux version 6.1.0-18-amd64 (debian-kernel@lists.debian.org) (gcc-12 (Debian 12.2.0-14+deb12u1) 12.2.0) #1 SMP PREEMPT_DYNAMIC Debian 6.1.76-1 (2024-02-01)", "", 0x06014cU)]
    [TestCase("5.15.0-100-generic", "Linux version 5.15.0-100-generic", "Ubuntu 5.15.0-100.110-generic 5.15.143\n", 0x050f8fU)]
    [TestCase("5.4.300", "", "", 0x0504ffU)]
    [TestCase("7.0-rc1", "", "", 0x070000U)]
    public void The_version_of_a_kernel_is_that_of_its_sources(string release, string banner, string signature, uint code) =>
        Assert.That(KernelRelease.Of(release, banner, signature).Code, Is.EqualTo(code));
}
