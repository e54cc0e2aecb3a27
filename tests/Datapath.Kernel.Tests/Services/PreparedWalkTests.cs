using Datapath.Kernel.Tests.Lab;
using Datapath.Linux.Services;

namespace Datapath.Kernel.Tests.Services;

/// <summary>The programs that end stale sockets are there before the first backend leaves.</summary>
[LoadTest]
internal sealed class PreparedWalkTests
{
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(60);

    private int _loads;

    [SetUp]
    public void ForgetLoads() => _loads = 0;

    [Test]
    public async Task The_first_walk_loads_nothing_when_programs_were_loaded_ahead()
    {
        using var lab = new ServiceLab(servers: 2, options => options with { Objects = Counted(refuses: false) });
        await lab.Datapath.WhenWalksArePrepared.WaitAsync(s_longest);
        Assert.That(_loads, Is.EqualTo(1));
        await WalkAsync(lab);
        Assert.That(_loads, Is.EqualTo(1));
    }

    [Test]
    public async Task Programs_that_were_refused_ahead_are_loaded_by_the_first_walk()
    {
        using var lab = new ServiceLab(servers: 2, options => options with { Objects = Counted(refuses: true) });
        await lab.Datapath.WhenWalksArePrepared.WaitAsync(s_longest);
        await WalkAsync(lab);
        Assert.That(_loads, Is.EqualTo(2));
    }

    private static async Task WalkAsync(ServiceLab lab)
    {
        using var scans = new ScanLog(lab.Datapath);
        _ = lab.Apply(ServiceLab.Service(1, 2));
        _ = lab.Apply(ServiceLab.Service(1, 3));
        Assert.That(scans.Next().Namespaces, Is.Positive, "it has walked");
        await lab.Datapath.WaitForStaleSocketsAsync().WaitAsync(s_longest);
        Assert.That(lab.Datapath.GetStatus().Features.Single(static feature => feature.Name == "stale sockets").Reason, Does.Not.Contain("too old"));
    }

    private SocketLbObjects Counted(bool refuses) => SocketLbObjects.OfPackage with
    {
        StaleSockets = () => Interlocked.Increment(ref _loads) == 1 && refuses
            ? throw new PlatformNotSupportedException("too old")
            : SocketLbObjects.OfPackage.StaleSockets(),
    };
}
