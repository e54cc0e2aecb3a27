using Datapath.Linux.Cgroups;

namespace Datapath.Kernel.Tests.Lab;

/// <summary>
/// A cgroup of a test's own, with the test process inside until it is disposed: sockets belong to the cgroup in which they were made,
/// so what a datapath serves here is this process alone.
/// </summary>
internal sealed class TestCgroup : IDisposable
{
    private static int s_count;
    private readonly Cgroup _before = Cgroup2.OpenCurrent();

    public TestCgroup()
    {
        Cgroup = _before.CreateChild($"datapath-test-{Environment.ProcessId}-{Interlocked.Increment(ref s_count)}");
        Cgroup.AddCurrentProcess();
    }

    public Cgroup Cgroup { get; }

    public void Dispose()
    {
        _before.AddCurrentProcess();
        // A thread that was joined leaves its cgroup a moment later.
        Eventually.True(() => File.ReadLines(Path.Combine(Cgroup.Path, "cgroup.events")).Contains("populated 0"), $"{Cgroup} has tasks");
        Cgroup.Delete();
    }
}
