using Datapath.Kernel.Tests.Lab;
using Datapath.Linux.Bpf;

namespace Datapath.Kernel.Tests.Samples;

/// <summary>The operator beside its own API server: a service of the kernel follows a custom resource from its making to its end.</summary>
[TestFixture]
internal sealed class OperatorTests
{
    [Test]
    public void It_shows_what_it_promises_and_leaves_nothing()
    {
        using var sample = Start();
        Assert.That(sample.End(), Is.Zero, () => sample.Output + sample.Errors);
        Assert.That(sample.Output, Does.Not.Contain("BAD"));
        string[] shown =
        [
            "status of shop: Stable, Ready=True, generation 1: 2 stable backends get all new connections",
            "100 dials to 10.96.0.80:80 answered by blue, 0 by green",
            "100 dials to [fd00:10:96::80]:80 answered by blue, 0 by green",
            "status of shop: Progressing, Ready=True, generation 2: 2 canary backends get 20 % of new connections",
            "status of shop: Refused, Ready=False, generation 3: spec.weight: 120 must be 0 to 100 (percent); what was in force before stays so",
            "status of squatter: Refused, Ready=False, generation 1:",
            "squatter is gone",
            "status of shop: Promoted, Ready=True, generation 4",
            "0 dials to [fd00:10:96::80]:80 answered by blue, 100 by green",
            "status of shop: Draining, Ready=True, generation 5: 10.244.0.11: no new connections",
            "who is connected to blue goes on being answered by it",
            "status of shop: Stable, Ready=True, generation 5",
            "status of shop: Draining, Ready=False, generation 6: deleted;",
            "a dial to [fd00:10:96::80]:80 is refused",
            "shop is gone",
            "Everything answered as it should.",
        ];
        var from = 0;
        foreach (var line in shown)
        {
            var at = sample.Output.IndexOf(line, from, StringComparison.Ordinal);
            Assert.That(at, Is.Not.Negative, $"'{line}', in this order, in {sample.Output}");
            from = at;
        }

        Assert.That(sample.Errors, Is.Empty);
        AssertNothingIsLeft(sample);
    }

    [Test]
    public void Interrupted_it_leaves_nothing()
    {
        using var sample = Start();
        sample.WaitFor("  ok  ");
        sample.Interrupt();
        Assert.That(sample.End(), Is.EqualTo(130), () => sample.Output + sample.Errors);
        AssertNothingIsLeft(sample);
    }

    [Test]
    public void A_kubeconfig_that_is_wrong_is_told_before_anything_is_touched()
    {
        using var sample = Start("--kubeconfig", "/nowhere");
        Assert.That(sample.End(), Is.EqualTo(2));
        Assert.That(sample.Errors, Does.StartWith("kubernetes:kubeconfig: '/nowhere' must be a file that can be read"));
        AssertNothingIsLeft(sample);
    }

    private static SampleProcess Start(params string[] arguments)
    {
        var built = AppContext.BaseDirectory.TrimEnd('/').Split('/')[^2..]; // Release, net10.0
        return new("Operator", folder: SourceTree.PathOf(["samples", "Operator", "bin", .. built]), arguments: arguments);
    }

    private static void AssertNothingIsLeft(SampleProcess sample)
    {
        sample.AssertNothingIsLeft();
        Assert.That(Directory.Exists($"{BpfFileSystem.DefaultMountPoint}/datapath-operator-{sample.Id}"), Is.False, "pins");
    }
}
