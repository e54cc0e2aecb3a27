using Datapath.Linux.Bpf;

namespace Datapath.Kernel.Tests.Bpf;

/// <summary>What programs did between two moments.</summary>
[TestFixture]
internal sealed class RunSnapshotTests
{
    [Test]
    public void The_runs_between_two_snapshots_are_told()
    {
        using var statistics = BpfStatistics.Enable();
        using var busy = TestPrograms.Return(2, ProgramType.Xdp, name: "busy");
        using var idle = TestPrograms.Return(2, ProgramType.Xdp, name: "idle");
        using var gone = TestPrograms.Return(2, ProgramType.Xdp, name: "gone");
        var goneId = gone.Id;
        _ = busy.TestRun(new() { Data = new byte[64], Repeat = 3 });
        var before = BpfRunSnapshot.Take();
        _ = busy.TestRun(new() { Data = new byte[64], Repeat = 1000 });
        gone.Dispose();
        using var late = TestPrograms.Return(2, ProgramType.Xdp, name: "late");
        _ = late.TestRun(new() { Data = new byte[64], Repeat = 10 });
        Lab.Eventually.True(() => !BpfInventory.Programs().Any(p => p.Id == goneId), "a program without a holder goes");
        var runs = BpfRunSnapshot.Take().Since(before);

        var byId = runs.ToDictionary(static r => r.Program.Id);
        Assert.That(byId[busy.Id].Statistics.Runs, Is.EqualTo(1000));
        Assert.That(byId[late.Id].Statistics.Runs, Is.EqualTo(10), "one that is new counts from 0");
        Assert.That(byId[idle.Id].Statistics, Is.EqualTo(default(BpfRunStatistics)));
        Assert.That(byId, Does.Not.ContainKey(goneId));
        Assert.That(byId[busy.Id].Statistics.Nanoseconds, Is.Positive);
        Assert.That(byId[busy.Id].Statistics.NanosecondsPerRun, Is.EqualTo(byId[busy.Id].Statistics.Nanoseconds / 1000.0));
        Assert.That(byId[busy.Id].RunsPerSecond, Is.EqualTo(1000 / byId[busy.Id].Elapsed.TotalSeconds).Within(0.01).Percent);
        Assert.That(byId[busy.Id].CpuShare, Is.Positive.And.LessThan(1));
        Assert.That(runs.Select(static r => r.Program.Id), Is.Ordered);
    }

    [Test]
    public void Without_runs_and_time_rates_are_zero()
    {
        var snapshot = BpfRunSnapshot.Take();
        using var program = TestPrograms.Return(2, ProgramType.Xdp);
        var runs = new ProgramRuns(program.ReadDetails(), new(5, 100), TimeSpan.Zero);
        Assert.That((runs.RunsPerSecond, runs.CpuShare, default(BpfRunStatistics).NanosecondsPerRun), Is.EqualTo((0.0, 0.0, 0.0)));
        Assert.That(snapshot.Since(snapshot).All(static r => r.Statistics == default), Is.True);
    }
}
