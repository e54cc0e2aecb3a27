using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Bpf;
using Datapath.Linux.Services;

namespace Datapath.Kernel.Tests.Services;

/// <summary>What the kernel's verifier has to look at, which each start pays for: about a microsecond for an instruction.</summary>
[TestFixture]
[MinimumKernel("5.16", "the number of verified instructions")]
internal sealed class VerificationEffortTests
{
    /// <summary>
    /// Half as many again as Linux 6.18 counts; others count otherwise. What goes beyond is most often a loop in a function that is inlined,
    /// or a function that is verified anew for each call: see DP_VERIFIED_ALONE.
    /// </summary>
    private const uint MostOfOne = 14_000, MostOfAll = 58_000;

    [Test]
    public void Programs_are_verified_without_looking_at_the_same_again_and_again()
    {
        // Everything that options can add.
        var options = new LinuxDatapathOptions
        {
            Lifetime = DatapathLifetime.Process,
            ConnectFallback = TimeSpan.FromSeconds(1),
            AffinityByCgroup = true,
            HostNamespaceOnly = true,
            MaxFrontends = 64,
            MaxSlots = 64,
        };
        using var loaded = BpfObject.Load(SocketLbSpec.Make(options, hostCookie: 1));
        var effort = loaded.Programs.ToDictionary(static p => p.Key, static p => p.Value.ReadDetails().VerifiedInstructions);
        foreach (var (name, instructions) in effort)
            TestContext.Out.WriteLine($"{name}: {instructions}");
        Assert.That(effort, Has.Count.EqualTo(10));
        Assert.That(effort.Values, Has.All.Positive.And.All.LessThanOrEqualTo(MostOfOne));
        Assert.That(effort.Values.Sum(static i => i), Is.LessThanOrEqualTo(MostOfAll));
    }
}
