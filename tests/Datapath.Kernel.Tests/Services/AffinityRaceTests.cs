using Datapath.Kernel.Tests.Lab;

namespace Datapath.Kernel.Tests.Services;

/// <summary>Processors that choose for one client at the same time.</summary>
[TestFixture]
[LoadTest]
internal sealed class AffinityRaceTests
{
    private const int Rounds = 400;
    private const int Threads = 4;

    [Test]
    public void First_dials_at_the_same_time_end_with_one_backend()
    {
        using var lab = new ServiceLab(servers: 4, Datapath.Linux.DatapathLifetime.Pinned);
        using var clients = new StickyClients(lab);
        _ = lab.Apply(StickyClients.Of(ServiceLab.Service(1, 2, 3, 4, 5)));
        Race(lab, clients.Clear, static (first, second) => Assert.That(first.Concat(second).Distinct().Count(), Is.EqualTo(1)));
    }

    [Test]
    public void First_dials_after_the_time_is_over_end_with_one_backend()
    {
        using var lab = new ServiceLab(servers: 4, Datapath.Linux.DatapathLifetime.Pinned);
        using var clients = new StickyClients(lab);
        _ = lab.Apply(StickyClients.Of(ServiceLab.Service(1, 2, 3, 4, 5)));
        Race(lab, () => clients.Age(TimeSpan.FromHours(3)), static (_, second) => Assert.That(second.Distinct().Count(), Is.EqualTo(1)));
    }

    /// <summary>In each round all threads dial at once, and once more when all have done so.</summary>
    private static void Race(ServiceLab lab, Action start, Action<string[], string[]> check)
    {
        var first = new string[Threads];
        var second = new string[Threads];
        using var started = new Barrier(Threads, _ => start());
        using var dialed = new Barrier(Threads);
        using var ended = new Barrier(Threads, _ => check(first, second));
        var threads = Enumerable.Range(0, Threads).Select(i => Task.Factory.StartNew(() => lab.Pods[1].Run(() =>
        {
            for (var round = 0; round < Rounds; round++)
            {
                started.SignalAndWait();
                first[i] = Dial.Udp(ServiceLab.ServiceV4()).ToString();
                dialed.SignalAndWait();
                second[i] = Dial.Udp(ServiceLab.ServiceV4()).ToString();
                ended.SignalAndWait();
            }
        }), TaskCreationOptions.LongRunning)).ToArray();
        Task.WaitAll(threads);
    }
}
