using Datapath.Linux.Bpf;

namespace Datapath.Kernel.Tests.Lab;

/// <summary>
/// How many instructions the kernel's verifier looked at, which each start pays for: one to two microseconds for each. What becomes many is most often a
/// loop in a function that is inlined, or a function that is verified anew for each call: see DP_VERIFIED_ALONE.
/// </summary>
internal static class VerificationEffort
{
    /// <summary>Fails if an object's programs took more. Kernels count differently, so what is allowed is half as many again as Linux 6.18 counts.</summary>
    /// <param name="loaded">The object.</param>
    /// <param name="programs">How many programs it has.</param>
    /// <param name="mostOfOne">As many as one of them may take.</param>
    /// <param name="mostOfAll">As many as they may take together.</param>
    public static void AssertAtMost(BpfObject loaded, int programs, uint mostOfOne, uint mostOfAll)
    {
        var effort = loaded.Programs.ToDictionary(static p => p.Key, static p => p.Value.ReadDetails().VerifiedInstructions);
        foreach (var (name, instructions) in effort)
            TestContext.Out.WriteLine($"{name}: {instructions}");
        Assert.That(effort, Has.Count.EqualTo(programs));
        Assert.That(effort.Values, Has.All.Positive.And.All.LessThanOrEqualTo(mostOfOne));
        Assert.That(effort.Values.Sum(static i => i), Is.LessThanOrEqualTo(mostOfAll));
    }
}
