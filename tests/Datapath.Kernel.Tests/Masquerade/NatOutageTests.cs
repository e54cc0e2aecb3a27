using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Datapath.BpfObjects;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Bpf;
using Datapath.Linux.Netlink;

namespace Datapath.Kernel.Tests.Masquerade;

/// <summary>Programs of the eBPF engine that somebody detached cannot be attached again, until that is over.</summary>
[LoadTest]
internal sealed class NatOutageTests
{
    private readonly BlockingCollection<MasqueradeDetachment> _told = [];
    private NatLab _lab = null!;

    [TearDown]
    public void StopLab()
    {
        _lab.Dispose();
        while (_told.TryTake(out _))
        {
        }
    }

    [OneTimeTearDown]
    public void DisposeTold() => _told.Dispose();

    [Test]
    public void Programs_whose_places_others_have_are_an_outage_until_there_is_room([Values] bool isPinned, [Values(TcxDirection.Ingress, TcxDirection.Egress)] TcxDirection direction)
    {
        Start(TcMechanism.Tcx, isPinned);
        using var news = new SemaphoreSlim(0);
        using (_lab.Ebpf.WatchForFaults(() => news.Release()))
        {
            using (_lab.Node.Run(() => new FullHook(Eth0(), direction)))
            {
                var failed = TakeFailed();
                Assert.That(failed.Programs, Is.EqualTo(new[] { direction is TcxDirection.Ingress ? MasqueradeObject.Ingress : MasqueradeObject.Egress }));
                Assert.That(failed.Failure, Does.Contain("ERANGE"));
                UntilTold(news, () => _lab.Ebpf.FindOutage() == failed.ToString());
                Assert.That(_lab.Ebpf.FindFaults(), Has.Some.EqualTo(failed.ToString()));
                Assert.That(_lab.Ebpf.GetStatus().Warnings, Has.Some.EqualTo(failed.ToString()));
                Assert.That(() => _lab.Masquerade.Apply(NatLab.Rules("203.0.113.0/24")), Throws.Nothing, "rules are taken all the same");
                Assert.That(_lab.Masquerade.FindOutage(), Is.EqualTo(failed.ToString()));
                if (direction is TcxDirection.Egress)
                    Assert.That(SourceSeen(), Is.EqualTo(NatLab.Pod4), "it is what it says");
            }

            UntilTold(news, () => _lab.Ebpf.FindOutage() is null);
        }

        Assert.That(SourceSeen(), Is.EqualTo(NatLab.Node4));
        Assert.That(_lab.Ebpf.FindFaults(), Has.Exactly(1).Contains(" and are attached again; "));
    }

    [Test]
    public void A_filter_whose_queueing_discipline_was_replaced_by_one_without_an_egress_is_an_outage_until_that_goes()
    {
        Start(TcMechanism.Filter, isPinned: false);
        using var node = _lab.Node.OpenRouteNetlink();
        var ingress = new QueueDiscipline(Eth0(), new OtherQueueOptions("ingress")) { Handle = new(RtnlTc.ClsactHandle), Parent = TcHandle.Clsact };
        while (!TryReplace(node, ingress))
            Assert.That(Take().Failure, Is.Null, "the engine was quicker");
        var failed = TakeFailed();
        Assert.That(failed.Programs, Has.Some.EqualTo(MasqueradeObject.Egress));
        Assert.That(failed.Failure, Does.Contain("the queueing discipline 'ingress' is in its place"));
        Eventually.True(() => _lab.Ebpf.FindOutage()?.StartsWith($"programs were detached from device 'eth0' ({MasqueradeObject.Egress})", StringComparison.Ordinal) is true, "answers are taken back");
        Assert.That(SourceSeen(), Is.EqualTo(NatLab.Pod4), "it is what it says");
        node.DeleteQueue(ingress);
        Eventually.True(() => _lab.Ebpf.FindOutage() is null, "it is attached again");
        Assert.That(SourceSeen(), Is.EqualTo(NatLab.Node4));
    }

    private static bool TryReplace(RouteNetlink node, QueueDiscipline ingress)
    {
        node.DeleteQueue(new(ingress.InterfaceIndex, new ClsactOptions()));
        try
        {
            node.AddQueue(ingress);
            return true;
        }
        catch (NetlinkException e) when (e.Errno is Errno.EEXIST)
        {
            return false;
        }
    }

    // Told, and not merely found: each news is looked at.
    private static void UntilTold(SemaphoreSlim news, Func<bool> condition)
    {
        do
            Assert.That(news.Wait(TimeSpan.FromSeconds(20)), Is.True, "nothing was told");
        while (!condition());
    }

    private void Start(TcMechanism mechanism, bool isPinned)
    {
        LinuxMasqueradeOptions Change(LinuxMasqueradeOptions options) => options with { Mechanism = mechanism };
        _lab = isPinned ? NatLab.Pinned(NatEngine.Ebpf, Change) : new(Change);
        _lab.RouteBack();
        _lab.Ebpf.Detached += (_, told) => _told.Add(told);
        _lab.Masquerade.Apply(NatLab.Rules());
        Assert.That((_lab.Ebpf.FindOutage(), SourceSeen()), Is.EqualTo(((string?)null, NatLab.Node4)));
    }

    private IPAddress SourceSeen()
    {
        using var callee = new Callee(_lab.Router, NatLab.Outside4, ProtocolType.Udp);
        return callee.TakeFrom(_lab.Pod).Address;
    }

    private int Eth0() => _lab.Masquerade.Devices.Single().Index;

    private MasqueradeDetachment TakeFailed()
    {
        while (true)
        {
            if (Take() is { Failure: not null } failed)
                return failed;
        }
    }

    private MasqueradeDetachment Take() =>
        _told.TryTake(out var told, TimeSpan.FromSeconds(20)) ? told : throw new InvalidOperationException("nothing was told");
}
