using System.Net.Sockets;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Bpf;
using Datapath.Linux.Masquerade;

namespace Datapath.Kernel.Tests.Masquerade;

/// <summary>The process that manages egress NAT is killed.</summary>
[TestFixture]
[LoadTest]
internal sealed class NatKillTests
{
    private NatLab _lab = null!;

    [SetUp]
    public void StartLab()
    {
        _lab = NatLab.Pinned();
        _lab.Masquerade.Dispose();
    }

    [TearDown]
    public void StopLab() => _lab.Dispose();

    [Test]
    public void Flows_and_rules_outlive_the_process_and_another_is_refused_before([Values] bool isIPv4)
    {
        var outside = isIPv4 ? NatLab.Outside4 : NatLab.Outside6;
        var victim = new NatVictimProcess(_lab.Node, _lab.Options);
        victim.WaitUntilReady();
        var refused = Assert.Throws<DatapathInUseException>(() => _lab.Reopen());
        Assert.That(refused!.OwnerPid, Is.EqualTo(victim.Id));
        using var tcp = new Talk(_lab.Pod, _lab.Router, outside, ProtocolType.Tcp);
        using var udp = new Talk(_lab.Pod, _lab.Router, outside, ProtocolType.Udp);
        victim.Dispose();
        tcp.Exchange();
        udp.Exchange();
        using var later = new Talk(_lab.Pod, _lab.Router, outside, ProtocolType.Tcp);
        _lab.Reopen();
        foreach (var talk in new[] { tcp, udp, later })
        {
            talk.Exchange(isServerFirst: true);
            Assert.That(talk.Client.Address, Is.EqualTo(isIPv4 ? NatLab.Node4 : NatLab.Node6));
        }
    }

    [Test]
    public void A_start_with_another_size_and_the_change_after_it_are_killed_at_each_step()
    {
        Run(1024);
        using var tcp4 = new Talk(_lab.Pod, _lab.Router, NatLab.Outside4, ProtocolType.Tcp);
        using var udp6 = new Talk(_lab.Pod, _lab.Router, NatLab.Outside6, ProtocolType.Udp);
        var (step, moved) = (0, 0);
        for (; NatVictimProcess.DiesAt(step, _lab.Node, _lab.Options with { MaxFlows = 2048 }); step += 2)
        {
            // If it is held, for a second: TCP tries again. None begins well where one program has its new table and the other does not.
            var isHalf = IsHalfMoved();
            moved += isHalf ? 1 : 0;
            using var between = isHalf ? null : new Talk(_lab.Pod, _lab.Router, NatLab.Outside4, ProtocolType.Tcp);
            Go(between);
            if (step % 3 == 0) // the next start goes back or, now and then, on with it
                Run(2048);
            Run(1024);
            Go(between);
        }

        Assert.That(step, Is.GreaterThan(15), "there must be more steps than that");
        Assert.That(moved, Is.Positive, "some of them are between the devices' programs");

        void Go(Talk? between)
        {
            tcp4.Exchange(isServerFirst: true);
            udp6.Exchange(isServerFirst: true);
            between?.Exchange(isServerFirst: true);
        }
    }

    [Test]
    public void A_first_start_is_killed_at_many_a_step()
    {
        for (var step = 0; NatVictimProcess.DiesAt(step, _lab.Node, _lab.Options); step += 7)
        {
            Run(1024);
            using var talk = new Talk(_lab.Pod, _lab.Router, NatLab.Outside4, ProtocolType.Udp);
            Assert.That(talk.Client.Address, Is.EqualTo(NatLab.Node4), $"step {step}");
            Assert.That(_lab.Node.Run(() => LinuxMasquerade.Uninstall(_lab.Options.BpfRoot)), Is.True);
        }
    }

    private bool IsHalfMoved()
    {
        using var state = NatStateMap.TryOpenPinned(_lab.Options.BpfRoot);
        return state!.IsMoving;
    }

    /// <summary>The next manager adopts what is there and makes it its own.</summary>
    private void Run(int maxFlows)
    {
        _lab.Reopen(_lab.Options with { MaxFlows = maxFlows });
        _lab.Masquerade.Apply(NatLab.Rules());
        _lab.Masquerade.Dispose();
        Assert.That(Directory.GetFiles(PinFolder.MapsOf(_lab.Options.BpfRoot), "*_next"), Is.Empty);
    }
}
