using Datapath.Kernel.Tests.Lab;

namespace Datapath.Kernel.Tests.Soak;

/// <summary>A short soak; the program Datapath.Soak runs long ones.</summary>
[TestFixture]
[LoadTest]
internal sealed class SoakTests
{
    [Test]
    public void No_dial_is_wrong_while_everything_changes_at_random()
    {
        using var run = new SoakRun(new() { Duration = TimeSpan.Zero, ChangesPerRound = 60, Pause = TimeSpan.FromMilliseconds(60) }, TestContext.Out.WriteLine);
        var report = run.Run(CancellationToken.None);
        TestContext.Out.WriteLine(report);
        Assert.That(report.Faults, Is.Empty);
        Assert.That(report.IsClean);
        Assert.That((report.Changes, report.Restarts, report.Verifications), Is.EqualTo((62, 1, 2)));
        Assert.That(report.Dials, Is.GreaterThan(1000));
        Assert.That(report.Questions, Is.GreaterThan(100));
    }
}
