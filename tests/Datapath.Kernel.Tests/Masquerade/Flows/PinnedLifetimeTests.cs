using System.Net.Sockets;
using Datapath.BpfObjects;
using Datapath.BpfObjects.Layout;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Bpf;
using Datapath.Linux.Masquerade;
using Datapath.Linux.Namespaces;
using Datapath.Linux.Netlink;

namespace Datapath.Kernel.Tests.Masquerade.Flows;

/// <summary>Pinned egress NAT goes on without its process, and the next process takes it over as it is.</summary>
[TestFixture(TcMechanism.Any)]
[TestFixture(TcMechanism.Filter, Category = "Load")] // older kernels have nothing else
internal sealed class PinnedLifetimeTests(TcMechanism mechanism)
{
    private NatLab _lab = null!;

    private string Maps => PinFolder.MapsOf(_lab.Options.BpfRoot);

    [SetUp]
    public void StartLab()
    {
        _lab = NatLab.Pinned(mechanism);
        _lab.Masquerade.Apply(NatLab.Rules());
    }

    [TearDown]
    public void StopLab() => _lab.Dispose();

    [Test]
    public void Flows_and_rules_go_on_without_a_process_and_with_the_next([Values(ProtocolType.Tcp, ProtocolType.Udp)] ProtocolType protocol, [Values] bool isIPv4)
    {
        var (outside, node) = isIPv4 ? (NatLab.Outside4, NatLab.Node4) : (NatLab.Outside6, NatLab.Node6);
        using var before = new Talk(_lab.Pod, _lab.Router, outside, protocol);
        before.Exchange();
        _lab.Masquerade.Dispose();
        before.Exchange();
        using var between = new Talk(_lab.Pod, _lab.Router, outside, protocol);
        between.Exchange();
        _lab.Reopen();
        using var after = new Talk(_lab.Pod, _lab.Router, outside, protocol);
        foreach (var talk in new[] { before, between, after })
        {
            talk.Exchange();
            Assert.That(talk.Client.Address, Is.EqualTo(node));
        }

        Assert.That(_lab.Masquerade.ReadFlows(), Has.Length.EqualTo(3));
    }

    [LoadTest]
    [Test]
    public void Another_engine_at_the_same_device_is_warned_of([Values] TcMechanism other)
    {
        using (var second = _lab.Node.Run(() => LinuxMasquerade.Open(new() { Devices = ["eth0"], Lifetime = DatapathLifetime.Process, MaxFlows = 16, Mechanism = other })))
        {
            Assert.That(_lab.Ebpf.GetStatus().Warnings.Single(), Does.StartWith("device 'eth0' has another egress NAT beside this one (program "));
            Assert.That(second.GetStatus().Warnings, Has.One.StartsWith("device 'eth0' has another egress NAT beside this one (program "));
        }

        Assert.That(_lab.Ebpf.GetStatus().Warnings, Is.Empty);
    }

    [LoadTest]
    [Test]
    public void The_next_process_may_change_the_rules([Values] bool isIPv4)
    {
        _lab.RouteBack();
        _lab.Reopen();
        Assert.That(_lab.Ebpf.GetStatus().Warnings.Single(), Does.StartWith("the rules of an earlier process are in force"));
        _lab.Masquerade.Apply(NatLab.Rules("198.51.100.0/24", "2001:db8:99::/48"));
        Assert.That(_lab.Ebpf.GetStatus().Warnings, Is.Empty);
        _lab.Reopen();
        using var kept = new Talk(_lab.Pod, _lab.Router, isIPv4 ? NatLab.Outside4 : NatLab.Outside6, ProtocolType.Udp);
        Assert.That(kept.Client.Address, Is.EqualTo(isIPv4 ? NatLab.Pod4 : NatLab.Pod6));
        _lab.Masquerade.Apply(NatLab.Rules());
        using var translated = new Talk(_lab.Pod, _lab.Router, isIPv4 ? NatLab.Outside4 : NatLab.Outside6, ProtocolType.Udp);
        Assert.That(translated.Client.Address, Is.EqualTo(isIPv4 ? NatLab.Node4 : NatLab.Node6));
    }

    [Test]
    public void A_pod_that_was_called_from_outside_keeps_its_address_also_if_nothing_is_known_of_the_call([Values] bool isIPv4)
    {
        _lab.RouteBack();
        var pod = isIPv4 ? NatLab.Pod4 : NatLab.Pod6;
        using var tcp = new Talk(_lab.Router, _lab.Pod, pod, ProtocolType.Tcp, port: 8080);
        using var udp = new Talk(_lab.Router, _lab.Pod, pod, ProtocolType.Udp);
        _lab.Masquerade.Dispose();
        Forget();
        _lab.Reopen();
        tcp.Exchange(isServerFirst: true);
        udp.Exchange();
        Assert.That(_lab.Masquerade.ReadFlows(), Is.Empty);
    }

    [LoadTest]
    [Test]
    public void A_connection_of_a_pod_goes_on_also_if_nothing_is_known_of_it([Values] bool isIPv4)
    {
        using var talk = new Talk(_lab.Pod, _lab.Router, isIPv4 ? NatLab.Outside4 : NatLab.Outside6, ProtocolType.Tcp, port: 8080);
        _lab.Masquerade.Dispose();
        Forget();
        _lab.Reopen();
        talk.Exchange();
    }

    [LoadTest]
    [Test]
    public void A_table_of_flows_takes_another_size_and_flows_go_on([Values] bool isIPv4, [Values(512, 4096)] int maxFlows)
    {
        var outside = isIPv4 ? NatLab.Outside4 : NatLab.Outside6;
        using var tcp = new Talk(_lab.Pod, _lab.Router, outside, ProtocolType.Tcp);
        using var udp = new Talk(_lab.Pod, _lab.Router, outside, ProtocolType.Udp);
        _lab.Reopen(_lab.Options with { MaxFlows = maxFlows });
        tcp.Exchange(isServerFirst: true);
        udp.Exchange(isServerFirst: true);
        Assert.That(_lab.Masquerade.ReadFlows(), Has.Length.EqualTo(2));
        using (var map = BpfMap.OpenPinned(Path.Combine(Maps, isIPv4 ? MasqueradeObject.Flows4 : MasqueradeObject.Flows6)))
            Assert.That(map.Info.MaxEntries, Is.EqualTo(2 * maxFlows));
        using var later = new Talk(_lab.Pod, _lab.Router, outside, ProtocolType.Tcp);
        later.Exchange();
        Assert.That(Directory.GetFiles(Maps, "*_next"), Is.Empty);
    }

    [LoadTest]
    [Test]
    public void A_table_does_not_shrink_below_its_flows()
    {
        using var callee = new Callee(_lab.Router, NatLab.Outside4, ProtocolType.Udp);
        for (var i = 0; i < 3; i++)
            _ = callee.TakeFrom(_lab.Pod);
        var options = _lab.Options;
        Assert.That(
            () => _lab.Reopen(options with { MaxFlows = 2 }),
            Throws.TypeOf<IncompatibleStateException>().With.Message.EqualTo(
                "map 'dp_flows4' cannot shrink: MaxFlows is 2, but it holds 6 entries, two for each flow; set MaxFlows to 3 or more, or wait until flows have ended"));
        _lab.Reopen(options with { MaxFlows = 3 });
        Assert.That(_lab.Masquerade.ReadFlows(), Has.Length.EqualTo(3));
    }

    [LoadTest]
    [Test]
    public void Only_one_process_manages_it()
    {
        var second = Assert.Throws<DatapathInUseException>(() => _lab.Node.Run(() => LinuxMasquerade.Open(_lab.Options)));
        Assert.That(second!.OwnerPid, Is.EqualTo(Environment.ProcessId));
        Assert.That(() => LinuxMasquerade.Uninstall(_lab.Options.BpfRoot), Throws.TypeOf<DatapathInUseException>());
    }

    [LoadTest]
    [Test]
    public void What_another_version_or_network_namespace_left_is_refused()
    {
        _lab.Masquerade.Dispose();
        using (var other = NetworkNamespace.Create())
            Assert.That(() => other.Run(() => LinuxMasquerade.Open(_lab.Options)), Throws.TypeOf<IncompatibleStateException>().With.Message.Contains("another network namespace"));
        using (var state = NatStateMap.TryOpenPinned(_lab.Options.BpfRoot))
            state!.Value.LayoutVersion = 99;
        Assert.That(() => _lab.Reopen(), Throws.TypeOf<IncompatibleStateException>().With.Message.Contains("layout version 99"));
    }

    [LoadTest]
    [Test]
    public void A_device_that_is_no_longer_meant_is_let_go()
    {
        _lab.RouteBack();
        _lab.Reopen(_lab.Options with { Devices = ["other+"] });
        Assert.That(_lab.Masquerade.Devices, Is.Empty);
        Assert.That(Directory.GetFiles(PinFolder.LinksOf(_lab.Options.BpfRoot)), Is.Empty);
        using var talk = new Talk(_lab.Pod, _lab.Router, NatLab.Outside4, ProtocolType.Udp);
        Assert.That(talk.Client.Address, Is.EqualTo(NatLab.Pod4));
    }

    [LoadTest]
    [Test]
    public void A_device_that_was_removed_meanwhile_is_forgotten()
    {
        _lab.Masquerade.Dispose();
        using (var node = _lab.Node.OpenRouteNetlink())
            node.DeleteLink(node.GetLink("eth0").Index);
        _lab.Reopen();
        Assert.That(_lab.Masquerade.Devices, Is.Empty);
        Assert.That(Directory.GetFiles(PinFolder.LinksOf(_lab.Options.BpfRoot)), Is.Empty);
    }

    [LoadTest]
    [Test]
    public void Nothing_is_left_when_it_is_uninstalled()
    {
        _lab.RouteBack();
        _lab.Masquerade.Dispose();
        Assert.That(_lab.Node.Run(() => LinuxMasquerade.Uninstall(_lab.Options.BpfRoot)), Is.True);
        Assert.That(_lab.Node.Run(() => LinuxMasquerade.Uninstall(_lab.Options.BpfRoot)), Is.False);
        Assert.That(Directory.Exists(_lab.Options.BpfRoot), Is.False);
        using var talk = new Talk(_lab.Pod, _lab.Router, NatLab.Outside4, ProtocolType.Udp);
        Assert.That(talk.Client.Address, Is.EqualTo(NatLab.Pod4));
        _lab.Node.Run(() =>
        {
            using var route = new RouteNetlink();
            var eth0 = route.GetLink("eth0").Index;
            Assert.That(TcFilter.Query(eth0, TcxDirection.Egress), Is.Empty);
            Assert.That(TcFilter.Query(eth0, TcxDirection.Ingress), Is.Empty);
        });
    }

    private void Forget()
    {
        Clear<FlowKey4, Flow4>(MasqueradeObject.Flows4);
        Clear<FlowKey6, Flow6>(MasqueradeObject.Flows6);
        Clear<FlowKey4, ulong>("dp_kept4");
        Clear<FlowKey6, ulong>("dp_kept6");

        void Clear<TKey, TValue>(string name)
            where TKey : unmanaged
            where TValue : unmanaged
        {
            using var map = BpfMap.OpenPinned(Path.Combine(Maps, name));
            var hash = map.AsHash<TKey, TValue>();
            _ = hash.RemoveAll([.. hash.ToList().Select(static entry => entry.Key)]);
        }
    }
}
