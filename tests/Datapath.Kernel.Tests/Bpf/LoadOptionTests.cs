using Datapath.Kernel.Tests.Lab;
using Datapath.Linux.Bpf;

namespace Datapath.Kernel.Tests.Bpf;

/// <summary>What may be asked of a load.</summary>
[TestFixture]
internal sealed class LoadOptionTests
{
    [Test]
    [MinimumKernel("6.2", "bpf_cast_to_kern_ctx()")]
    public void The_verifier_s_log_of_accepted_programs_is_kept_if_asked_for()
    {
        var spec = BpfObjectSpec.Parse(TestObject.Read("linked"));
        using (var silent = BpfObject.Load(spec))
            Assert.That(silent.Programs["loops"].VerifierLog, Is.Empty);
        using (var statistics = BpfObject.Load(spec, new() { VerifierLog = VerifierLogLevel.Statistics }))
            Assert.That(statistics.Programs["loops"].VerifierLog, Has.Some.StartsWith("processed ").And.Some.StartsWith("stack depth"));
        using (var paths = BpfObject.Load(spec, new() { VerifierLog = VerifierLogLevel.Paths }))
            Assert.That(paths.Programs["loops"].VerifierLog, Has.Some.StartsWith("processed ").And.None.Contains("return scale(3)"));
        using var instructions = BpfObject.Load(spec, new() { VerifierLog = VerifierLogLevel.Instructions });
        Assert.That(instructions.Programs["loops"].VerifierLog, Has.Some.Contains("return scale(3)"));
    }

    [Test]
    public void A_refusal_is_explained_whatever_the_level()
    {
        var spec = BpfObjectSpec.Parse(TestObject.Read("refused"));
        foreach (var level in new[] { VerifierLogLevel.None, VerifierLogLevel.Paths, VerifierLogLevel.Statistics })
        {
            var thrown = Assert.Throws<VerifierException>(() => BpfObject.Load(spec, new() { VerifierLog = level }).Dispose());
            Assert.That(thrown!.SourceLine, Does.StartWith("return *value;"), $"{level}");
        }
    }

    [Test]
    public void A_map_to_reuse_that_the_object_does_not_have_is_a_mistake()
    {
        using var map = BpfMap.Create(MapSpec.Hash<uint, ulong>("numbers", 16));
        Assert.That(
            () => BpfObject.Load(BpfObjectSpec.Parse(TestObject.Read("filled")), new() { ReusedMaps = new Dictionary<string, BpfMap> { ["number"] = map } }),
            Throws.ArgumentException.With.Message.StartsWith("the object has no map 'number' to reuse; it has outer, jumps, by_key, hidden, shared, shown"));
    }
}
