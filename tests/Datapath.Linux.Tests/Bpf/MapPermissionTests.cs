using Datapath.Linux.Bpf;

namespace Datapath.Linux.Tests.Bpf;

/// <summary>What the message for EPERM says.</summary>
public class MapPermissionTests
{
    private const ulong SysAdmin = 1UL << 21;
    private const ulong Bpf = 1UL << 39;

    [TestCase(0UL, "5.8", "CAP_BPF is missing; root has it")]
    [TestCase(0UL, "5.7", "CAP_SYS_ADMIN is missing; root has it")]
    [TestCase(Bpf, "5.7", "CAP_SYS_ADMIN is missing; root has it")]
    public void A_missing_capability_is_named(ulong held, string kernel, string expected) =>
        Assert.That(MapPermission.Explain(held, new(kernel)), Is.EqualTo(expected));

    [TestCase(Bpf, "5.8", "CAP_BPF is there: RLIMIT_MEMLOCK is too low")]
    [TestCase(SysAdmin, "5.10", "CAP_BPF is there: RLIMIT_MEMLOCK is too low")]
    [TestCase(SysAdmin, "5.4", "CAP_SYS_ADMIN is there: RLIMIT_MEMLOCK is too low")]
    [TestCase(Bpf, "5.11", "CAP_BPF is there: a security module")]
    public void A_capability_that_is_there_is_not_blamed(ulong held, string kernel, string expected) =>
        Assert.That(MapPermission.Explain(held, new(kernel)), Does.StartWith(expected));

    [Test]
    public void The_effective_capabilities_are_read_from_the_status()
    {
        Assert.That(MapPermission.EffectiveOf("CapPrm:\t0000000000000001\nCapEff:\t000001ffffffffff\n"), Is.EqualTo(0x1ffffffffff));
        Assert.That(MapPermission.EffectiveOf("Name:\tx\n"), Is.Null);
        Assert.That(MapPermission.Explain(null, new(6, 1)), Is.EqualTo("needs CAP_BPF; root has it"));
    }
}
