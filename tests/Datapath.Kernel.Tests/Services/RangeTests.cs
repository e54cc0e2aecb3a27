using System.Net;
using System.Net.Sockets;
using Datapath.BpfObjects;
using Datapath.BpfObjects.Layout;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Bpf;
using Datapath.Linux.Services;

namespace Datapath.Kernel.Tests.Services;

/// <summary>Redirects of whole ranges of addresses and ports.</summary>
internal sealed class RangeTests
{
    private static readonly ServiceName s_policy = new("", "policy:local-redirect");

    private ServiceLab _lab = null!;
    private ScanLog _scans = null!;

    [SetUp]
    public void StartLab()
    {
        _lab = new(servers: 3, options => options with { Lifetime = DatapathLifetime.Pinned }, havePodsNames: true);
        _scans = new(_lab.Datapath);
    }

    [TearDown]
    public void StopLab()
    {
        _scans.Dispose();
        _lab.Dispose();
    }

    [Test]
    public void A_dial_into_a_range_goes_to_its_backend_and_sees_the_address_that_it_dialed([Values(SocketUse.Tcp, SocketUse.ConnectedUdp, SocketUse.Datagram)] SocketUse use)
    {
        Apply([Range("198.18.0.0/15", 80, 90, 2, L4Protocol.Tcp), Range("198.18.0.0/15", 80, 90, 2, L4Protocol.Udp), Range("2001:db8:1::/48", 80, 90, 2, L4Protocol.Tcp), Range("2001:db8:1::/48", 80, 90, 2, L4Protocol.Udp)]);
        foreach (var (row, address) in new[] { (SocketRow.Ipv4Socket, "198.18.0.1"), (SocketRow.Ipv4Socket, "198.19.255.254"), (SocketRow.Ipv6Socket, "2001:db8:1::1"), (SocketRow.Ipv6Socket, "::ffff:198.18.3.4") })
        {
            foreach (var port in new[] { 80, 85, 90 })
                Assert.That(Ask(row, use, address, port), Is.EqualTo(("pod2", SocketName.Of(IPAddress.Parse(address), port).ToString())), $"{address} {port}");
        }

        Assert.That(Ask(SocketRow.Ipv4Socket, use, "198.18.0.1", 79).Answer, Is.EqualTo("ENETUNREACH"));
        Assert.That(Ask(SocketRow.Ipv4Socket, use, "198.18.0.1", 91).Answer, Is.EqualTo("ENETUNREACH"));
        Assert.That(Ask(SocketRow.Ipv4Socket, use, "198.20.0.1", 80).Answer, Is.EqualTo("ENETUNREACH"));
    }

    [Test]
    public void The_longer_prefix_and_a_frontend_of_the_address_come_first()
    {
        Apply([Range("10.96.0.0/16", 80, 80, 2), Range("10.96.0.0/24", 80, 80, 3)]);
        _ = _lab.Apply(ServiceLab.Service(7, 4));
        Assert.That((Ask("10.96.1.1"), Ask("10.96.0.1"), Ask("10.96.0.7")), Is.EqualTo(("pod2", "pod3", "pod4")));
    }

    [Test]
    public void A_range_around_loopback_leaves_it_alone()
    {
        Apply([Range("0.0.0.0/0", 80, 80, 2), Range("::/0", 80, 80, 2)]);
        Assert.That(Ask("198.18.0.1"), Is.EqualTo("pod2"));
        Assert.That(
            new[] { (SocketRow.Ipv4Socket, "127.0.0.1"), (SocketRow.Ipv4Socket, "127.8.9.10"), (SocketRow.Ipv4Socket, "0.0.0.0"), (SocketRow.Ipv6Socket, "::1"), (SocketRow.Ipv6Socket, "::"), (SocketRow.Ipv6Socket, "::ffff:127.0.0.1") }
                .Select(dial => Ask(dial.Item1, SocketUse.Tcp, dial.Item2, 80).Answer),
            Is.All.EqualTo("ECONNREFUSED"));
        Apply([Range("0.0.0.0/0", 80, 80, 2), Range("127.1.0.0/16", 80, 80, 3)]);
        Assert.That((Ask("127.1.0.1"), Ask("127.0.0.1"), Ask("198.18.0.1")), Is.EqualTo(("pod3", "ECONNREFUSED", "pod2")));
        Assert.That(_lab.Datapath.Verify(State([Range("0.0.0.0/0", 80, 80, 2), Range("127.1.0.0/16", 80, 80, 3)])), Is.Empty);
        Apply([]);
        Assert.That(_lab.Datapath.ReadRanges(), Is.Empty);
    }

    [LoadTest]
    [Test]
    public void A_backend_without_a_port_gets_the_port_that_was_dialed()
    {
        Apply([Range("198.18.0.0/16", 8000, 8100, 2) with { Redirects = [new(s_policy, [new(new(PodNetwork.V4(2), 0, L4Protocol.Tcp))])] }]);
        Assert.That(Ask(SocketRow.Ipv4Socket, SocketUse.Tcp, "198.18.0.1", ServiceLab.BackendPort).Answer, Is.EqualTo("pod2"));
        Assert.That(Ask(SocketRow.Ipv4Socket, SocketUse.Tcp, "198.18.0.1", ServiceLab.BackendPort + 1).Answer, Is.EqualTo("ECONNREFUSED"));
    }

    [Test]
    public void A_range_is_for_the_clients_of_its_redirects_and_leaves_backends_alone()
    {
        var range = Range("10.244.0.0/16", ServiceLab.BackendPort, ServiceLab.BackendPort, 2);
        Apply([range with { Redirects = [range.Redirects[0] with { SkippedPods = [new("default", "pod-2")] }] }]);
        var real = PodNetwork.V4(4);
        Assert.That(_lab.Pods[1].Run(() => Dial.Tcp(real, ServiceLab.BackendPort).ToString()), Is.EqualTo("pod2"));
        Assert.That(_lab.Pods[2].Run(() => Dial.Tcp(real, ServiceLab.BackendPort).ToString()), Is.EqualTo("pod4"));
    }

    [LoadTest]
    [Test]
    public void Ranges_inside_each_other_pass_into_maps_of_another_size()
    {
        Apply([Range("198.18.0.0/16", 80, 90, 2), Range("198.18.7.0/24", 85, 86, 3)]);
        var before = Text();
        foreach (var slots in new[] { 1024, 65536, 1024, 16384 })
        {
            _lab.Reopen(options => options with { MaxSlots = slots });
            Assert.That(Text(), Is.EqualTo(before), "adopted");
            Assert.That((At(80), At(85), At(87)), Is.EqualTo(("pod2", "pod3", "pod2")));
            Assert.That(_lab.Datapath.Replace(State([Range("198.18.0.0/16", 80, 90, 2), Range("198.18.7.0/24", 85, 86, 3)])).Failures, Is.Empty);
            Assert.That(Text(), Is.EqualTo(before));
        }

        string[] Text() => [.. _lab.Datapath.ReadRanges().Select(static r => $"{r} {r.Id}: {string.Join(", ", r.Backends)}")];
        string At(int port) => Ask(SocketRow.Ipv4Socket, SocketUse.Tcp, "198.18.7.9", port).Answer;
    }

    [LoadTest]
    [Test]
    public void A_range_whose_slots_were_being_moved_by_a_process_that_was_killed_is_taken_over_and_nothing_is_lost()
    {
        FrontendRange[] ranges = [Range("198.18.0.0/16", 80, 90, 2), Range("198.18.7.0/24", 85, 86, 3)];
        Apply(ranges);
        var used = _lab.Datapath.GetStatus().IPv4.Slots;
        _lab.Datapath.Dispose();
        using (var pins = PinFolder.Open(_lab.Options.BpfRoot, StateMap.ReadOwner))
        using (var words = new SlotWords<FrontendKey4, RangeKey4, Slot4, Ipv4Family>(pins, SocketLbObject.Frontends4, SocketLbObject.Ranges4))
        using (var map = pins.TryOpenMap(SocketLbObject.Slots4))
        using (var slots = map!.MapMemory<Slot4>())
        {
            // The range has the same slots at three places: around the longer prefix, below and above its ports. One of them points elsewhere already.
            var moved = words.List(slots).GroupBy(static word => word.Range).Single(static shared => shared.Count() == 3);
            const int Free = 100;
            using (var source = slots.Slice(moved.Key.First, moved.Key.Slots))
            using (var target = slots.Slice(Free, moved.Key.Slots))
                source.Span.CopyTo(target.Span);
            moved.First().MoveTo(Free);
        }

        _lab.Reopen();
        Assert.That((Ask("198.18.7.9"), Ask("198.18.8.9")), Is.EqualTo(("pod2", "pod2")));
        Assert.That(_lab.Datapath.Replace(State(ranges)).Failures, Is.Empty);
        Assert.That((Ask("198.18.7.9"), Ask("198.18.8.9")), Is.EqualTo(("pod2", "pod2")));
        _lab.Reopen();
        Assert.That(_lab.Datapath.GetStatus().IPv4.Slots, Is.EqualTo(used), "slots are left over");
    }

    [LoadTest]
    [Test]
    public void Ranges_go_on_over_a_restart_keep_their_sockets_names_and_go_when_nobody_wants_them()
    {
        FrontendRange[] ranges = [Range("198.18.0.0/16", 80, 90, 2, L4Protocol.Udp), Range("198.18.7.0/24", 85, 85, 3, L4Protocol.Udp)];
        Apply(ranges);
        using var socket = _lab.Pods[1].Run(static () =>
        {
            var made = new RawSocket(AddressFamily.InterNetwork, SocketType.Dgram);
            Assert.That(made.Connect(SocketName.Of(IPAddress.Parse("198.18.7.9"), 84)), Is.EqualTo(Errno.None));
            return made;
        });
        _lab.Reopen();
        Assert.That(Ask(SocketRow.Ipv4Socket, SocketUse.ConnectedUdp, "198.18.7.9", 85).Answer, Is.EqualTo("pod3"));
        Assert.That(_lab.Datapath.Replace(State(ranges)).Failures, Is.Empty);
        Assert.That(socket.PeerName().ToString(), Is.EqualTo("198.18.7.9:84"), "its range is still the same");
        Assert.That(_lab.Datapath.Replace(DesiredState.Empty).Failures, Is.Empty);
        Assert.That(Ask(SocketRow.Ipv4Socket, SocketUse.ConnectedUdp, "198.18.7.9", 85).Answer, Is.EqualTo("ENETUNREACH"));
        Assert.That(_lab.Datapath.GetStatus().IPv4.Slots, Is.Zero);
    }

    [LoadTest]
    [Test]
    public void Connected_sockets_are_ended_when_their_range_leads_elsewhere([Values] bool hasPort)
    {
        var range = Range("198.18.0.0/16", 8080, 8080, 2, L4Protocol.Udp);
        if (!hasPort)
            range = range with { Redirects = [new(s_policy, [new(new(PodNetwork.V4(2), 0, L4Protocol.Udp))])] };
        Apply([range]);
        using var socket = _lab.Pods[1].Run(static () =>
        {
            var made = new RawSocket(AddressFamily.InterNetwork, SocketType.Dgram);
            Assert.That(made.Connect(SocketName.Of(IPAddress.Parse("198.18.7.9"), 8080)), Is.EqualTo(Errno.None));
            return made;
        });
        Assert.That(_lab.Pods[1].Run(() => Dial.Ask(socket).Pod), Is.EqualTo("pod2"));
        Apply([Range("198.18.0.0/16", 8080, 8080, 3, L4Protocol.Udp)]);
        Assert.That(_scans.Next().Udp, Is.EqualTo(1));
    }

    [LoadTest]
    [Test]
    public void A_socket_that_connects_to_a_backend_which_is_back_is_left_alone()
    {
        var (first, second) = (Range("198.18.0.0/16", 8080, 8080, 2, L4Protocol.Udp), Range("198.18.0.0/16", 8080, 8080, 3, L4Protocol.Udp));
        Apply([first]);
        Apply([second]); // a scan for the first backend is on its way
        Apply([first]);
        using var socket = _lab.Pods[1].Run(static () =>
        {
            var made = new RawSocket(AddressFamily.InterNetwork, SocketType.Dgram);
            Assert.That(made.Connect(SocketName.Of(IPAddress.Parse("198.18.7.9"), 8080)), Is.EqualTo(Errno.None));
            return made;
        });
        Assert.That(_scans.Next().Udp, Is.Zero);
        Assert.That(_lab.Pods[1].Run(() => Dial.Ask(socket).Pod), Is.EqualTo("pod2"));
    }

    [Test]
    public void What_cannot_be_a_range_is_told_and_the_others_work()
    {
        var service = new DesiredService(s_policy, []) { Ranges = [Range("198.18.0.0/16", 90, 80, 2), Range("198.19.0.0/16", 80, 90, 2)] };
        var result = _lab.Datapath.Apply(new([service], []));
        Assert.That(result.Failures.Single().Reason, Does.Contain("198.18.0.0/16").And.Contains("90 to 80"));
        Assert.That(Ask("198.19.0.1"), Is.EqualTo("pod2"));
    }

    [LoadTest]
    [Test]
    public void A_range_of_ports_too_many_is_told_and_those_of_the_prefix_go_on_with_their_changes()
    {
        FrontendRange[] ranges = [.. Enumerable.Range(0, 16).Select(static i => Range("198.18.0.0/16", (ushort)(80 + (2 * i)), (ushort)(80 + (2 * i)), 2))];
        Apply(ranges);
        var service = new DesiredService(s_policy, []) { Ranges = [.. ranges.Select(static range => Range("198.18.0.0/16", range.FirstPort, range.LastPort, 3)), Range("198.18.0.0/16", 200, 200, 3)] };
        var failure = _lab.Datapath.Apply(new([service], [])).Failures.Single();
        Assert.That((failure.IsTransient, failure.Reason), Is.EqualTo((false, "range 198.18.0.0/16:200/TCP: 17 different ranges of ports, with those around it; a prefix has at most 16")));
        Assert.That(_lab.Datapath.Verify(ServiceLab.State(service)), Is.Empty);

        // The slots of the ranges before the change are somebody else's.
        for (var i = 1; i <= 32; i++)
            _ = _lab.Apply(ServiceLab.Service(i, 4));
        Assert.That(Enumerable.Range(0, 16).Select(i => Ask(SocketRow.Ipv4Socket, SocketUse.Tcp, "198.18.0.1", 80 + (2 * i)).Answer), Is.All.EqualTo("pod3"));
        Assert.That(Ask(SocketRow.Ipv4Socket, SocketUse.Tcp, "198.18.0.1", 200).Answer, Is.EqualTo("ENETUNREACH"));
    }

    private static FrontendRange Range(string prefix, ushort first, ushort last, int pod, L4Protocol protocol = L4Protocol.Tcp)
    {
        var network = IPNetwork.Parse(prefix);
        var backend = network.BaseAddress.AddressFamily is AddressFamily.InterNetwork ? PodNetwork.V4(pod) : PodNetwork.V6(pod);
        return new(network, first, last, protocol, [new(s_policy, [new(new(backend, ServiceLab.BackendPort, protocol))])]);
    }

    private static DesiredState State(FrontendRange[] ranges) => ServiceLab.State(new DesiredService(s_policy, []) { Ranges = [.. ranges] });

    private void Apply(FrontendRange[] ranges) => _ = _lab.Apply(new ChangeSet([new DesiredService(s_policy, []) { Ranges = [.. ranges] }], [])
    {
        Pods = [.. new[] { 1, 2, 3, 4 }.Select(static pod => new LocalPod(new("default", $"pod-{pod}")) { Addresses = [PodNetwork.V4(pod), PodNetwork.V6(pod)] })],
    });

    private string Ask(string address) => Ask(SocketRow.Ipv4Socket, SocketUse.Tcp, address, 80).Answer;

    private (string Answer, string Peer) Ask(SocketRow row, SocketUse use, string address, int port) => _lab.Pods[1].Run(() =>
    {
        var (answer, peer) = Dial.AskBy(row, use, SocketName.Of(IPAddress.Parse(address), port));
        return (answer.ToString(), peer);
    });
}
