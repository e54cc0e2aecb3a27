using Datapath.BpfObjects;
using Datapath.BpfObjects.Layout;
using Datapath.Kernel.Tests.Lab;
using Datapath.Kernel.Tests.Victim;
using Datapath.Linux;
using Datapath.Linux.Bpf;
using Datapath.Linux.Services;

namespace Datapath.Kernel.Tests.Services;

/// <summary>A manager is killed at each of the steps by which it changes the kernel, one after the other, from its start to the end of a change.</summary>
[TestFixture]
[LoadTest]
internal sealed class KillStepTests
{
    private const int Before = 2;
    private const int After = 5;
    private VictimLab _lab = null!;

    private LinuxDatapathOptions Options => _lab.Options;

    [SetUp]
    public void StartLab() => _lab = new();

    [TearDown]
    public void StopLab() => _lab.Dispose();

    [Test]
    public void A_start_with_other_sizes_and_the_change_after_it_are_killed_at_each_step()
    {
        var resized = Options with { MaxFrontends = Versions.MaxFrontends * 2, MaxSlots = Versions.MaxSlots / 2 };
        var state = StateOf(Before);
        Run(Options, state);
        using (var dialers = new Dialers(_lab.Services, static () => Dial.Tcp(ServiceLab.ServiceV4()), static () => Dial.Udp(ServiceLab.ServiceV6())))
        {
            var step = 0;
            for (; VictimProcess.DiesAt(step, resized, After); step++)
            {
                AssertWhole(step);
                if (step % 5 == 0) // the next start goes back or, now and then, on with it
                    Run(resized, StateOf(After), step);
                Run(Options, state, step);
            }

            Assert.That(step, Is.GreaterThan(20), "there must be more steps than that");
            Assert.That(dialers.Stop().Keys, Is.SubsetOf(VictimLab.Pods));
        }

        AssertWhole(-1);
    }

    [Test]
    public void A_first_start_is_killed_at_many_a_step()
    {
        for (var step = 0; VictimProcess.DiesAt(step, Options, After); step += 5)
        {
            Run(Options, StateOf(After), step);
            _lab.Services.Pods[1].Run(() => Assert.That(Dial.Tcp(ServiceLab.ServiceV4()).Pod, Is.AnyOf([.. VictimLab.Pods]), $"step {step}"));
            Assert.That(PinnedDatapath.Uninstall(Options.BpfRoot), Is.True);
        }
    }

    private static DesiredState StateOf(int version) => DesiredState.Empty.With(new(Versions.Of(version), []));

    /// <summary>Each frontend is as before or after the change, and all of them are there but, after it, those of the last service.</summary>
    private void AssertWhole(int step)
    {
        var frontends = PinnedDatapath.Read(Options.BpfRoot);
        var removed = Versions.Of(After)[^1].Frontends.Select(static f => f.Address).ToHashSet();
        Assert.That(frontends.Select(static f => f.Address).Union(removed), Is.EquivalentTo(Versions.Addresses), $"step {step}");
        Assert.That(frontends.Where(static f => !Versions.IsWhole(f)), Is.Empty, $"step {step}");
    }

    /// <summary>The next manager adopts what is there and makes it the state.</summary>
    private void Run(LinuxDatapathOptions options, DesiredState state, int step = -1)
    {
        using (var next = LinuxDatapath.Open(options))
        {
            Assert.That(next.GetStatus().IPv4.Slots, Is.EqualTo(SlotsInUse()), $"step {step}");
            Assert.That(next.Replace(state).Failures, Is.Empty, $"step {step}");
            var wanted = state.Services.Values.SelectMany(static s => s.Frontends).OrderBy(static f => f.Address);
            Assert.That(
                next.Read().Select(static f => (f.Address, string.Join(' ', f.Backends.Select(static b => b.Address)))),
                Is.EqualTo(wanted.Select(static f => (f.Address, string.Join(' ', f.Backends.Select(static b => b.Address).Order())))),
                $"step {step}");
        }

        using var map = StateMap.OpenPinned(options.BpfRoot);
        Assert.That(map.Value.FrontendWrites % 2, Is.Zero, $"step {step}");
        Assert.That(Directory.GetFiles(PinFolder.MapsOf(options.BpfRoot), "*" + BpfPin.BesideSuffix), Is.Empty, $"step {step}");
    }

    private int SlotsInUse()
    {
        using var map = BpfMap.OpenPinned(Path.Combine(PinFolder.MapsOf(Options.BpfRoot), SocketLbObject.Frontends4));
        return map.AsHash<FrontendKey4, FrontendValue>().ToList().Sum(static e => new SlotRange(e.Value).Slots);
    }
}
