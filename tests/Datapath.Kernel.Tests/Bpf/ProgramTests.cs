using System.Reflection;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Bpf;

namespace Datapath.Kernel.Tests.Bpf;

/// <summary>Loading programs, and what is said of one that the verifier refuses.</summary>
[TestFixture]
internal sealed class ProgramTests
{
    [Test]
    public void A_refused_program_is_explained_by_the_line_that_says_why()
    {
        var thrown = Assert.Throws<VerifierException>(static () => TestPrograms.ReadUnsetRegister().Dispose());
        Assert.That(thrown!.Program, Is.EqualTo("unset"));
        Assert.That(thrown.Errno, Is.EqualTo(Errno.EACCES));
        Assert.That(thrown.Message, Is.EqualTo("load program 'unset': EACCES (R0 !read_ok)"));
        Assert.That(thrown.IsTransient, Is.False);
    }

    [Test]
    public void The_whole_log_is_kept()
    {
        var thrown = Assert.Throws<VerifierException>(static () => TestPrograms.ReadUnsetRegister().Dispose());
        Assert.That(thrown!.Log, Has.Some.Contains("(95) exit"));
        Assert.That(thrown.Log, Has.Some.StartsWith("processed 1 insns"));
    }

    // Refused at its last instruction, so the log has a line for each before it.
    [Test]
    public void A_log_longer_than_the_first_buffer_is_kept_whole()
    {
        ulong[] instructions = [.. Enumerable.Repeat(0x1_00000107UL, 100_000), 0x95];
        instructions[0] = 0x000001b7; // r1 = 0, then r1 += 1 many times
        var thrown = Assert.Throws<VerifierException>(() => TestPrograms.Load("long", AttachType.CgroupInet4Connect, instructions).Dispose());
        Assert.That(thrown!.Log.Sum(static line => (long)line.Length), Is.GreaterThan(1 << 20));
        Assert.That(thrown.Message, Does.Contain("R0 !read_ok"));
    }

    [Test]
    public void A_loaded_program_has_a_number_of_its_own()
    {
        using var first = TestPrograms.Proceed();
        using var second = TestPrograms.Proceed();
        Assert.That(first.Id, Is.Not.Zero.And.Not.EqualTo(second.Id));
        Assert.That(first.Statistics, Is.EqualTo(new BpfRunStatistics(0, 0)));
    }

    [Test]
    public void A_feature_is_there_from_its_minimum_kernel_on()
    {
        BpfFeature[] features =
        [
            .. typeof(BpfFeature).GetProperties(BindingFlags.Static | BindingFlags.Public)
                .Where(static p => p.PropertyType == typeof(BpfFeature)).Select(static p => (BpfFeature)p.GetValue(null)!),
        ];
        Assert.That(features, Has.Length.GreaterThan(15));
        foreach (var feature in features)
        {
            var isDue = RunningKernel.IsAtLeast(feature.MinimumKernel);
            if (isDue && FeatureProbeTests.Optional.Contains(feature))
                continue; // it may have been built without
            Assert.That(feature.IsSupported, Is.EqualTo(isDue), feature.Name);
            Assert.That(feature.ThrowIfUnsupported, isDue ? Throws.Nothing : Throws.TypeOf<FeatureNotSupportedException>());
        }
    }

    [Test]
    public void A_missing_feature_is_named_with_the_version_that_has_it() =>
        Assert.That(
            new FeatureNotSupportedException(BpfFeature.SetReturnValue).Message,
            Is.EqualTo("this kernel has no bpf_set_retval() in cgroup programs; Linux 5.18 has"));
}
