using Datapath.Linux.Bpf;

namespace Datapath.Linux.Tests.Bpf;

/// <summary>The kernel's list of CPUs.</summary>
public class PossibleCpusTests
{
    [TestCase("0\n", 1)]
    [TestCase("0-3\n", 4)]
    [TestCase("0,2-7", 8)]
    [TestCase("0-1,4", 5)]
    [TestCase("0-255", 256)]
    public void The_highest_number_counts(string text, int count) => Assert.That(PossibleCpus.Parse(text), Is.EqualTo(count));

    [TestCase("")]
    [TestCase("\n")]
    [TestCase("0-")]
    [TestCase("all")]
    public void Anything_else_is_no_list(string text) => Assert.That(() => PossibleCpus.Parse(text), Throws.TypeOf<LinuxException>().With.Message.EndsWith("is no list of CPUs)"));
}
