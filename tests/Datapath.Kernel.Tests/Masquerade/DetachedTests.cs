using System.Collections.Concurrent;
using System.Net.Sockets;
using Datapath.BpfObjects;
using Datapath.Kernel.Tests.Bpf;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Bpf;

namespace Datapath.Kernel.Tests.Masquerade;

/// <summary>Somebody detaches the programs of the eBPF engine, or deletes its pins.</summary>
[LoadTest]
internal sealed class DetachedTests
{
    /// <summary>What of the pins is deleted.</summary>
    public enum Deletion
    {
        OwnLinks,
        AllLinks,
        Everything,
    }

    private BlockingCollection<MasqueradeDetachment> _told = null!;
    private NatLab _lab = null!;

    [TearDown]
    public void StopLab()
    {
        _lab.Dispose();
        _told.Dispose();
    }

    [Test]
    public void Programs_that_were_detached_are_attached_again_by_themselves(
        [Values(TcMechanism.Tcx, TcMechanism.Filter)] TcMechanism mechanism, [Values] bool isPinned, [Values(TcxDirection.Ingress, TcxDirection.Egress)] TcxDirection direction)
    {
        Start(mechanism, isPinned);
        using var running = new Callee(_lab.Router, NatLab.Outside4, ProtocolType.Tcp);
        Assert.That(running.TakeFrom(_lab.Pod).Address, Is.EqualTo(NatLab.Node4), "before");
        Detach(mechanism, direction);
        var told = Take();
        var name = direction is TcxDirection.Ingress ? MasqueradeObject.Ingress : MasqueradeObject.Egress;
        Assert.That((told.Device, string.Join(' ', told.Programs), told.Failure), Is.EqualTo(("eth0", name, (string?)null)));
        AssertBothWays();
        var warning = _lab.Ebpf.GetStatus().Warnings.Single();
        Assert.That(warning, Does.EndWith(
            $"Z: programs were detached from device 'eth0' ({name}) and are attached again; what left meanwhile may have kept its own address"));
        Assert.That(_lab.Ebpf.FindFaults(), Is.EqualTo(new[] { warning }));
        Assert.That(_told.TryTake(out _, TimeSpan.FromSeconds(2.5)), Is.False, "and then it rests");
        if (isPinned)
        {
            _lab.Reopen(); // what was attached again is what the next process takes over
            AssertBothWays();
            Assert.That(Count(mechanism, direction), Is.EqualTo(1));
        }
    }

    [Test]
    public void Both_that_were_detached_are_back_when_rules_are_applied([Values(TcMechanism.Tcx, TcMechanism.Filter)] TcMechanism mechanism)
    {
        Start(mechanism, isPinned: false);
        Detach(mechanism, TcxDirection.Ingress);
        Detach(mechanism, TcxDirection.Egress);
        _lab.Masquerade.Apply(NatLab.Rules("203.0.113.0/24"));
        AssertBothWays();
        Assert.That(_told.SelectMany(static told => told.Programs), Is.EquivalentTo([MasqueradeObject.Ingress, MasqueradeObject.Egress]));
    }

    [Test]
    public void A_filter_in_whose_place_somebody_put_another_program_is_back_beside_it()
    {
        Start(TcMechanism.Filter, isPinned: false);
        using var passing = TestPrograms.Return(-1, ProgramType.SchedClassifier); // and leaves it to the next
        _lab.Node.Run(() =>
        {
            var place = TcFilter.Query(Eth0(), TcxDirection.Egress).Single();
            TcFilter.Attach(passing, new() { InterfaceIndex = Eth0(), Direction = TcxDirection.Egress, Priority = (ushort)place.Priority, Handle = place.Handle, Name = "other", Replace = true }).Leave();
        });
        Assert.That(Take().Programs, Is.EqualTo(new[] { MasqueradeObject.Egress }));
        AssertBothWays();
    }

    [Test]
    public void A_device_that_is_removed_is_not_told_as_one_whose_programs_were_detached([Values] bool isPinned)
    {
        Start(TcMechanism.Any, isPinned, "wan0");
        for (var i = 0; i < 5; i++)
        {
            using var node = _lab.Node.OpenRouteNetlink();
            NatLab.Configure(node, node.CreateBridge("wan0"));
            Eventually.True(() => Names().Contains("wan0"), "it comes");
            node.DeleteLink(node.GetLink("wan0").Index);
            _lab.Masquerade.Apply(NatLab.Rules()); // looks at once
            Eventually.True(() => !Names().Contains("wan0"), "it goes");
        }

        Assert.That(_told, Is.Empty);
        Assert.That(_lab.Ebpf.FindFaults(), Is.Empty);
    }

    [Test]
    public void Pins_that_were_deleted_are_told_and_all_goes_on([Values] bool isFolder)
    {
        Start(TcMechanism.Tcx, isPinned: true, "wan+");
        using var node = _lab.Node.OpenRouteNetlink();
        NatLab.Configure(node, node.CreateBridge("wan0"));
        Eventually.True(() => Names().Contains("wan0"), "it comes");
        var root = _lab.Options.BpfRoot;
        using var lost = new BlockingCollection<string>();
        _lab.Ebpf.PinsLost += (_, fault) => lost.Add(fault);
        Assert.That(_lab.Ebpf.GetStatus().Warnings, Has.None.Contains("pins"));
        var link = $"{MasqueradeObject.Egress}_{Eth0()}";
        if (isFolder)
            Directory.Delete(root, recursive: true);
        else
            File.Delete(Path.Combine(PinFolder.LinksOf(root), link));
        Assert.That(lost.TryTake(out var told, TimeSpan.FromSeconds(20)), Is.True, "it is told without anybody asking");
        Assert.That(told, Is.EqualTo(
            isFolder
                ? $"the pins in '{root}' are gone (deleted, unmounted, or another filesystem is mounted over them): the state will not survive this process; start it again"
                : $"pins in '{root}' are gone ({link}): the state will not survive this process; start it again"));
        Assert.That(_lab.Ebpf.FindFaults(), Is.EqualTo(new[] { told }));
        Assert.That(_lab.Ebpf.GetStatus().Warnings, Has.Some.EqualTo(told));

        // Without pins programs are attached all the same: again, and to devices that come; and those that go are let go.
        Detach(TcMechanism.Tcx, TcxDirection.Egress);
        Assert.That(Take().Failure, Is.Null);
        AssertBothWays();
        NatLab.Configure(node, node.CreateBridge("wan1"));
        Eventually.True(() => Names().Contains("wan1"), "it comes");
        foreach (var name in new[] { "wan0", "wan1" })
        {
            node.DeleteLink(node.GetLink(name).Index);
            Eventually.True(() => !Names().Contains(name), "it goes");
        }

        AssertBothWays();
        Assert.That(lost, Is.Empty, "once");
    }

    [Test]
    public void Pins_that_were_deleted_are_known_when_rules_are_applied()
    {
        Start(TcMechanism.Tcx, isPinned: true);
        File.Delete(Path.Combine(PinFolder.MapsOf(_lab.Options.BpfRoot), MasqueradeObject.Flows4));
        _lab.Masquerade.Apply(NatLab.Rules("203.0.113.0/24"));
        Assert.That(_lab.Ebpf.FindFaults().Single(), Does.StartWith($"pins in '{_lab.Options.BpfRoot}' are gone ({MasqueradeObject.Flows4}): "));
        Assert.That(_lab.Ebpf.FindOutage(), Is.Null);
    }

    [Test]
    public void A_device_that_goes_after_its_pins_were_deleted_is_let_go([Values] Deletion deletion, [Values] bool isToldBefore)
    {
        Start(TcMechanism.Tcx, isPinned: true, "wan0");
        using var node = _lab.Node.OpenRouteNetlink();
        NatLab.Configure(node, node.CreateBridge("wan0"));
        Eventually.True(() => Names().Contains("wan0"), "it comes");
        var wan0 = node.GetLink("wan0").Index;
        using var lost = new BlockingCollection<string>();
        _lab.Ebpf.PinsLost += (_, fault) => lost.Add(fault);
        var (root, links) = (_lab.Options.BpfRoot, PinFolder.LinksOf(_lab.Options.BpfRoot));
        switch (deletion)
        {
            case Deletion.OwnLinks:
                foreach (var program in new[] { MasqueradeObject.Ingress, MasqueradeObject.Egress })
                    File.Delete(Path.Combine(links, $"{program}_{wan0}"));
                break;
            case Deletion.AllLinks:
                Directory.Delete(links, recursive: true);
                break;
            default:
                Directory.Delete(root, recursive: true);
                break;
        }

        if (isToldBefore)
            Assert.That(lost.TryTake(out _, TimeSpan.FromSeconds(20)), Is.True, "nothing was told");
        node.DeleteLink(wan0);
        Eventually.True(() => !Names().Contains("wan0"), "it goes");
        _lab.Masquerade.Apply(NatLab.Rules("203.0.113.0/24")); // looks at once
        AssertBothWays();
        Assert.That(_lab.Ebpf.FindFaults(), deletion is Deletion.OwnLinks ? Is.Empty : Has.Length.EqualTo(1), "pins of a device that is gone are missed by nobody");
        NatLab.Configure(node, node.CreateBridge("wan0"));
        Eventually.True(() => Names().Contains("wan0"), "it comes again");
        Assert.That(_lab.Node.Run(() => TcxLink.Query(node.GetLink("wan0").Index, TcxDirection.Egress).Programs), Has.Length.EqualTo(1));
        Assert.That(_told, Is.Empty, "nobody detached anything");
    }

    private void Start(TcMechanism mechanism, bool isPinned, params string[] more)
    {
        _told = [];
        LinuxMasqueradeOptions Change(LinuxMasqueradeOptions options) => options with { Mechanism = mechanism, Devices = ["eth0", .. more] };
        _lab = isPinned ? NatLab.Pinned(NatEngine.Ebpf, Change) : new(Change);
        _lab.Ebpf.Detached += (_, told) => _told.Add(told);
        _lab.Masquerade.Apply(NatLab.Rules());
    }

    private void Detach(TcMechanism mechanism, TcxDirection direction) => _lab.Node.Run(() =>
    {
        if (mechanism is TcMechanism.Tcx)
        {
            using var link = BpfLink.OpenById(TcxLink.Query(Eth0(), direction).Programs.Single().LinkId);
            link.Detach();
            return;
        }

        var filter = TcFilter.Query(Eth0(), direction).Single();
        TcFilter.Open(new() { InterfaceIndex = Eth0(), Direction = direction, Priority = (ushort)filter.Priority, Handle = filter.Handle }).Dispose();
    });

    private int Count(TcMechanism mechanism, TcxDirection direction) => _lab.Node.Run(
        () => mechanism is TcMechanism.Tcx ? TcxLink.Query(Eth0(), direction).Programs.Length : TcFilter.Query(Eth0(), direction).Length);

    private int Eth0() => _lab.Masquerade.Devices.Single(static device => device.Name == "eth0").Index;

    private string[] Names() => [.. _lab.Masquerade.Devices.Select(static device => device.Name)];

    private MasqueradeDetachment Take() =>
        _told.TryTake(out var told, TimeSpan.FromSeconds(20)) ? told : throw new InvalidOperationException("nothing was told");

    // An exchange takes the answer back, too: the router knows no way to the pod.
    private void AssertBothWays()
    {
        foreach (var (address, expected) in new[] { (NatLab.Outside4, NatLab.Node4), (NatLab.Outside6, NatLab.Node6) })
        {
            using var callee = new Callee(_lab.Router, address, ProtocolType.Udp);
            Assert.That(callee.TakeFrom(_lab.Pod).Address, Is.EqualTo(expected), $"to {address}");
        }
    }
}
