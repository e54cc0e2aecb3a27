using Datapath.Linux.Bpf;

namespace Datapath.Linux.Tests.Bpf;

/// <summary>The kernel's list of CPUs, each of which counts.</summary>
public class OnlineCpusTests
{
    [TestCase("0\n", new[] { 0 })]
    [TestCase("0-2,5,7-8\n", new[] { 0, 1, 2, 5, 7, 8 })]
    public void A_list_may_have_gaps(string text, int[] cpus) => Assert.That(OnlineCpus.Parse(text), Is.EqualTo(cpus));

    [TestCase("")]
    [TestCase("0-")]
    [TestCase("3-1")]
    [TestCase("all")]
    [TestCase("0-99999999")]
    public void Anything_else_is_no_list(string text) => Assert.That(() => OnlineCpus.Parse(text), Throws.TypeOf<LinuxException>().With.Message.EndsWith("is no list of CPUs)"));
}
