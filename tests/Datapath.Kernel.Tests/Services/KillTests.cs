using Datapath.Kernel.Tests.Lab;
using Datapath.Kernel.Tests.Victim;
using Datapath.Linux;

namespace Datapath.Kernel.Tests.Services;

/// <summary>A manager is killed. What it had written stays in force and whole, and the next manager goes on with it.</summary>
[TestFixture]
[LoadTest]
internal sealed class KillTests
{
    private VictimLab _lab = null!;

    private LinuxDatapathOptions Options => _lab.Options;

    [SetUp]
    public void StartLab() => _lab = new();

    [TearDown]
    public void StopLab() => _lab.Dispose();

    [Test]
    public void Dials_go_on_when_the_manager_is_killed_and_the_next_one_takes_over()
    {
        using var victim = new VictimProcess(Options, version: 0);
        victim.WaitFor("ready");
        using var dialers = StartDialers();
        var ids = Ids(PinnedDatapath.Read(Options.BpfRoot));
        Assert.That(Assert.Throws<DatapathInUseException>(() => LinuxDatapath.Open(Options))!.OwnerPid, Is.EqualTo(victim.Id));
        WaitForDials(dialers, 500);
        victim.Kill();
        WaitForDials(dialers, 500);
        using (var next = LinuxDatapath.Open(Options))
        {
            WaitForDials(dialers, 500);
            Assert.That(Ids(next.Read()), Is.EqualTo(ids));
            for (var version = 0; version < 200; version++)
                Assert.That(next.Apply(new(Versions.Of(version), [])).Failures, Is.Empty);
            Assert.That(Ids(next.Read()), Is.EqualTo(ids));
        }

        Assert.That(dialers.Stop().Keys, Is.SubsetOf(VictimLab.Pods));
    }

    [Test]
    public void However_often_and_whenever_the_manager_is_killed_each_frontend_is_one_that_it_wrote()
    {
        var random = new Random(20);
        var version = 0;
        SortedDictionary<L4Address, uint>? ids = null;
        Dialers? dialers = null;
        try
        {
            for (var kill = 0; kill < 20; kill++)
            {
                using (var victim = new VictimProcess(Options, version))
                {
                    // Mostly while it writes, now and then while it starts.
                    victim.WaitFor(kill % 4 == 3 ? "opening" : "ready");
                    dialers ??= StartDialers();
                    Thread.Sleep(random.Next(0, 120));
                    victim.Kill();
                }

                using var next = LinuxDatapath.Open(Options);
                var frontends = next.Read();
                Assert.That(frontends.Select(static f => f.Address), Is.EqualTo(Versions.Addresses), $"kill {kill}");
                foreach (var frontend in frontends)
                    Assert.That(Versions.IsWhole(frontend), Is.True, $"kill {kill}: {frontend.Address} has {string.Join(", ", frontend.Backends)}");
                ids ??= Ids(frontends);
                Assert.That(Ids(frontends), Is.EqualTo(ids), $"kill {kill}");
                version += 977;
                Assert.That(next.Apply(new(Versions.Of(version), [])).Failures, Is.Empty);
            }

            WaitForDials(dialers!, 1);
            Assert.That(dialers!.Stop().Keys, Is.SubsetOf(VictimLab.Pods));
        }
        finally
        {
            dialers?.Dispose();
        }
    }

    private static SortedDictionary<L4Address, uint> Ids(IEnumerable<ProgrammedFrontend> frontends) =>
        new(frontends.ToDictionary(static f => f.Address, static f => f.Id));

    private static void WaitForDials(Dialers dialers, int count)
    {
        var before = dialers.Count;
        Eventually.True(() => dialers.Count >= before + count, "the dials have come to a halt");
    }

    private Dialers StartDialers() => new(_lab.Services, static () => Dial.Tcp(ServiceLab.ServiceV4()), static () => Dial.Udp(ServiceLab.ServiceV6()));
}
