using Datapath.BpfObjects.Layout;
using Datapath.Kernel.Tests.Lab;

namespace Datapath.Kernel.Tests.Soak.Nat;

/// <summary>Short soaks of egress NAT; the program Datapath.Soak runs long ones.</summary>
[TestFixture]
[LoadTest]
internal sealed class NatSoakTests
{
    [Test]
    public void Connections_go_on_and_new_flows_get_what_the_rules_say_while_everything_changes_at_random()
    {
        using var run = new NatSoakRun(new() { Duration = TimeSpan.FromSeconds(10), ChangesPerRestart = 8 }, TestContext.Out.WriteLine);
        var report = run.Run(CancellationToken.None);
        TestContext.Out.WriteLine(report);
        Assert.That(report.Faults, Is.Empty);
        Assert.That(report.IsClean);
        Assert.That(report.Flows, Is.GreaterThan(100));
        Assert.That(report.Exchanges, Is.GreaterThan(100));
        Assert.That(report.DeviceChanges, Is.Positive);
        Assert.That(report.Restarts, Is.Positive);
    }

    [Test]
    public void Short_flows_leave_no_entry_behind()
    {
        using var run = new ShortFlowsRun(20_000, TestContext.Out.WriteLine);
        var report = run.Run(CancellationToken.None);
        TestContext.Out.WriteLine(report);
        Assert.That(report.Faults, Is.Empty);
        Assert.That(report.IsClean);
        Assert.That(report.Flows, Is.GreaterThanOrEqualTo(20_000));
        Assert.That(report.MostEntries, Is.GreaterThan(1_000));
        Assert.That(report.Counters[nameof(NatCounter.Flows)], Is.GreaterThanOrEqualTo(report.Flows), "each of them was translated");
    }
}
