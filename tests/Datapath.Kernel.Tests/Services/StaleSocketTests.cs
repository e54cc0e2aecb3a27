using System.Net;
using System.Net.Sockets;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;

namespace Datapath.Kernel.Tests.Services;

/// <summary>Connected UDP sockets whose backend has left their frontend are ended, and no others: by programs, and by netlink where programs cannot.</summary>
[TestFixture(false)]
[TestFixture(true, Category = "Load")] // in virtual machines each kernel is tried by its own way
internal sealed class StaleSocketTests(bool isByNetlink)
{
    private ServiceLab _lab = null!;
    private ScanLog _scans = null!;

    [SetUp]
    public void StartLab()
    {
        _lab = new(servers: 2, options => options with { EndsSocketsByNetlink = isByNetlink, Lifetime = DatapathLifetime.Pinned }, havePodsNames: true);
        _scans = new(_lab.Datapath);
    }

    [TearDown]
    public void StopLab()
    {
        _scans.Dispose();
        _lab.Dispose();
    }

    /// <summary>The ways in which a socket may dial a service of either family.</summary>
    private static IEnumerable<TestCaseData> Dials()
    {
        yield return new TestCaseData(AddressFamily.InterNetwork, ServiceLab.ServiceV4()).SetArgDisplayNames("IPv4");
        yield return new TestCaseData(AddressFamily.InterNetworkV6, ServiceLab.ServiceV6()).SetArgDisplayNames("IPv6");
        yield return new TestCaseData(AddressFamily.InterNetworkV6, ServiceLab.ServiceV4().MapToIPv6()).SetArgDisplayNames("mapped");
        yield return new TestCaseData(AddressFamily.InterNetworkV6, ServiceLab.ServiceV4()).SetArgDisplayNames("IPv6 socket, IPv4 name");
    }

    [TestCaseSource(nameof(Dials))]
    public void A_connected_UDP_socket_is_ended_and_reaches_the_new_backend_when_it_dials_again(AddressFamily family, IPAddress service) => _lab.Pods[1].Run(() =>
    {
        _ = _lab.Apply(ServiceLab.Service(1, 2));
        using var socket = Connect(service, family);
        Assert.That(Dial.Ask(socket).Pod, Is.EqualTo("pod2"));
        _ = _lab.Apply(ServiceLab.Service(1, 3));
        Assert.That(_scans.Next(), Has.Property(nameof(StaleSocketScan.Udp)).EqualTo(1));
        Assert.That((int)socket.Send("who"u8), Is.EqualTo(89), "EDESTADDRREQ: it has no peer any more");
        AssertEnded(socket);
        Assert.That(socket.Connect(SocketName.Of(service, ServiceLab.ServicePort)), Is.EqualTo(Errno.None));
        Assert.That(Dial.Ask(socket).Pod, Is.EqualTo("pod3"));
    });

    [Test]
    [LoadTest]
    public void A_socket_of_another_frontend_with_the_same_backend_stays() => _lab.Pods[1].Run(() =>
    {
        _ = _lab.Apply(ServiceLab.Service(1, 2), ServiceLab.Service(2, 2));
        using var first = Connect(ServiceLab.ServiceV4(1));
        using var second = Connect(ServiceLab.ServiceV4(2));
        _ = _lab.Apply(ServiceLab.Service(1, 3));
        Assert.That(_scans.Next().Udp, Is.EqualTo(1));
        AssertEnded(first);
        Assert.That(Dial.Ask(second).Pod, Is.EqualTo("pod2"));
    });

    [Test]
    [LoadTest]
    public void A_socket_whose_backend_stays_when_another_leaves_is_left_alone() => _lab.Pods[1].Run(() =>
    {
        _ = _lab.Apply(ServiceLab.Service(1, 2));
        using var socket = Connect(ServiceLab.ServiceV4());
        _ = _lab.Apply(ServiceLab.Service(1, 2, 3));
        _ = _lab.Apply(ServiceLab.Service(1, 2));
        Assert.That(_scans.Next().Udp, Is.Zero);
        Assert.That(Dial.Ask(socket).Pod, Is.EqualTo("pod2"));
    });

    [Test]
    public void A_socket_that_is_not_connected_stays_and_follows_its_service() => _lab.Pods[1].Run(() =>
    {
        _ = _lab.Apply(ServiceLab.Service(1, 2));
        using var socket = new RawSocket(AddressFamily.InterNetwork, SocketType.Dgram);
        Assert.That(Dial.AskAt(socket, ServiceLab.ServiceV4()).Answer.Pod, Is.EqualTo("pod2"));
        _ = _lab.Apply(ServiceLab.Service(1, 3));
        Assert.That(_scans.Next().Udp, Is.Zero);
        Assert.That(Dial.AskAt(socket, ServiceLab.ServiceV4()).Answer, Is.EqualTo(new Answer(Errno.None, "pod3")));
    });

    [Test]
    public void Sockets_that_are_connected_to_the_backend_itself_stay() => _lab.Pods[1].Run(() =>
    {
        _ = _lab.Apply(ServiceLab.Service(1, 2));
        using var never = Connect(PodNetwork.V4(2), port: ServiceLab.BackendPort);
        using var before = Connect(ServiceLab.ServiceV4());
        Assert.That(before.Connect(SocketName.Of(PodNetwork.V4(2), ServiceLab.BackendPort)), Is.EqualTo(Errno.None));
        _ = _lab.Apply(ServiceLab.Service(1, 3));
        Assert.That(_scans.Next().Udp, Is.Zero);
        Assert.That(Dial.Ask(never).Pod, Is.EqualTo("pod2"));
        Assert.That(Dial.Ask(before).Pod, Is.EqualTo("pod2"));
    });

    [Test]
    [LoadTest]
    public void A_socket_that_dialed_another_service_since_stays() => _lab.Pods[1].Run(() =>
    {
        _ = _lab.Apply(ServiceLab.Service(1, 2), ServiceLab.Service(2, 2));
        using var socket = Connect(ServiceLab.ServiceV4(1));
        Assert.That(socket.Connect(SocketName.Of(ServiceLab.ServiceV4(2), ServiceLab.ServicePort)), Is.EqualTo(Errno.None));
        _ = _lab.Apply(ServiceLab.Service(1, 3));
        Assert.That(_scans.Next().Udp, Is.Zero);
        Assert.That(Dial.Ask(socket).Pod, Is.EqualTo("pod2"));
    });

    [Test]
    [LoadTest]
    public void Sockets_of_a_service_that_is_removed_are_ended() => _lab.Pods[1].Run(() =>
    {
        _ = _lab.Apply(ServiceLab.Service(1, 2));
        using var first = Connect(ServiceLab.ServiceV4());
        using var second = Connect(ServiceLab.ServiceV6());
        _ = _lab.Remove(1);
        Assert.That(_scans.Next().Udp, Is.EqualTo(2));
        AssertEnded(first);
        AssertEnded(second);
    });

    [Test]
    [LoadTest]
    public void Sockets_of_a_service_that_loses_its_last_backend_are_ended() => _lab.Pods[1].Run(() =>
    {
        _ = _lab.Apply(ServiceLab.Service(1, 2));
        using var socket = Connect(ServiceLab.ServiceV4());
        _ = _lab.Apply(ServiceLab.Service(1));
        Assert.That(_scans.Next().Udp, Is.EqualTo(1));
        AssertEnded(socket);
    });

    [Test]
    [LoadTest]
    public void When_a_frontend_passes_to_another_service_those_who_dialed_the_old_one_are_ended() => _lab.Pods[1].Run(() =>
    {
        _ = _lab.Apply(ServiceLab.Service(1, 2));
        using var socket = Connect(ServiceLab.ServiceV4());
        _ = _lab.Apply(new ChangeSet([ServiceLab.Service(1, 2) with { Name = ServiceLab.Name(2) }], [ServiceLab.Name(1)]));
        Assert.That(_scans.Next().Udp, Is.EqualTo(1));
        AssertEnded(socket);
    });

    [Test]
    [LoadTest]
    public void Sockets_of_a_frontend_that_is_redirected_are_ended() => _lab.Pods[1].Run(() =>
    {
        var service = ServiceLab.Service(1, 2);
        _ = _lab.Apply(service);
        using var socket = Connect(ServiceLab.ServiceV4());
        var redirect = new Redirect(new("default", "to-pod3"), [new(new(PodNetwork.V4(3), ServiceLab.BackendPort, L4Protocol.Udp))]);
        _ = _lab.Apply(service with
        {
            Frontends = [.. service.Frontends.Select(f => f.Address == new L4Address(ServiceLab.ServiceV4(), ServiceLab.ServicePort, L4Protocol.Udp) ? f with { Redirects = [redirect] } : f)],
        });
        Assert.That(_scans.Next().Udp, Is.EqualTo(1));
        AssertEnded(socket);
        Assert.That(Dial.Udp(ServiceLab.ServiceV4()).Pod, Is.EqualTo("pod3"));
    });

    [Test]
    public void A_backend_on_its_way_out_serves_those_who_are_connected_until_it_is_gone() => _lab.Pods[1].Run(() =>
    {
        _ = _lab.Apply(ServiceLab.Service(1, 2), ServiceLab.Service(2, 3));
        using var socket = Connect(ServiceLab.ServiceV4());
        _ = _lab.Apply(Draining(ServiceLab.Service(1, 3, 2)));
        Assert.That(Dial.Udp(ServiceLab.ServiceV4()).Pod, Is.EqualTo("pod3"));

        // Another change brings a scan, which is not for this backend.
        _ = _lab.Remove(2);
        Assert.That(_scans.Next(), Has.Property(nameof(StaleSocketScan.Udp)).Zero.And.Property(nameof(StaleSocketScan.Retired)).EqualTo(2));
        Assert.That(Dial.Ask(socket).Pod, Is.EqualTo("pod2"));

        _ = _lab.Apply(ServiceLab.Service(1, 3));
        Assert.That(_scans.Next().Udp, Is.EqualTo(1));
        AssertEnded(socket);
    });

    [Test]
    public void Sockets_in_all_network_namespaces_are_ended_by_one_scan()
    {
        _ = _lab.Apply(ServiceLab.Service(1, 2));
        using var first = _lab.Pods[1].Run(() => Connect(ServiceLab.ServiceV4()));
        using var second = _lab.Pods[3].Run(() => Connect(ServiceLab.ServiceV4()));
        _ = _lab.Apply(ServiceLab.Service(1));
        var scan = _scans.Next();
        Assert.That(scan.Udp, Is.EqualTo(2));
        Assert.That(scan.Namespaces, Is.GreaterThanOrEqualTo(3));
        AssertEnded(first);
        AssertEnded(second);
    }

    [Test]
    public void Sockets_of_backends_that_vanished_while_nobody_managed_the_datapath_are_ended() => _lab.Pods[1].Run(() =>
    {
        _ = _lab.Apply(ServiceLab.Service(1, 2));
        using var socket = Connect(ServiceLab.ServiceV4());
        _scans.Dispose();
        _lab.Reopen();
        _scans = new(_lab.Datapath);
        Assert.That(_lab.Datapath.Replace(ServiceLab.State(ServiceLab.Service(1, 3))).Failures, Is.Empty);
        Assert.That(_scans.Next().Udp, Is.EqualTo(1));
        AssertEnded(socket);
    });

    [Test]
    [LoadTest]
    public void Sockets_of_a_backend_that_was_on_its_way_out_when_the_manager_went_are_ended_when_it_is_gone() => _lab.Pods[1].Run(() =>
    {
        _ = _lab.Apply(ServiceLab.Service(1, 2));
        using var socket = Connect(ServiceLab.ServiceV4());
        var leaving = Draining(ServiceLab.Service(1, 3, 2));
        _ = _lab.Apply(leaving);
        _scans.Dispose();
        _lab.Reopen();
        _scans = new(_lab.Datapath);
        Assert.That(_lab.Datapath.Replace(ServiceLab.State(leaving)).Failures, Is.Empty);
        Assert.That(Dial.Ask(socket).Pod, Is.EqualTo("pod2"));
        _ = _lab.Apply(ServiceLab.Service(1, 3));
        Assert.That(_scans.Next().Udp, Is.EqualTo(1));
        AssertEnded(socket);
    });

    [Test]
    [LoadTest]
    public void The_end_of_the_datapath_waits_for_the_sockets_of_its_last_change() => _lab.Pods[1].Run(() =>
    {
        _ = _lab.Apply(ServiceLab.Service(1, 2));
        using var socket = Connect(ServiceLab.ServiceV4());
        _ = _lab.Apply(ServiceLab.Service(1, 3));
        _lab.Datapath.Dispose();
        AssertEnded(socket);
    });

    [Test]
    [LoadTest]
    public void A_socket_that_dials_a_backend_which_has_returned_stays() => _lab.Pods[1].Run(() =>
    {
        _ = _lab.Apply(ServiceLab.Service(1, 2));
        _ = _lab.Apply(ServiceLab.Service(1, 3)); // the scan for the first backend comes at any time from here on
        _ = _lab.Apply(ServiceLab.Service(1, 2));
        using var socket = Connect(ServiceLab.ServiceV4());
        _lab.Datapath.Dispose(); // waits for all scans
        Assert.That(_scans.Count, Is.GreaterThanOrEqualTo(1));
        Assert.That(Dial.Ask(socket).Pod, Is.EqualTo("pod2"));
    });

    [Test]
    [LoadTest]
    public void A_change_by_which_nothing_leaves_brings_no_scan() => _lab.Pods[1].Run(() =>
    {
        _ = _lab.Apply(ServiceLab.Service(1, 2));
        _ = _lab.Apply(ServiceLab.Service(1, 2, 3), ServiceLab.Service(2, 3));
        _lab.Datapath.Dispose(); // waits for any
        Assert.That(_scans.Count, Is.Zero);
    });

    [Test]
    [LoadTest]
    public void Two_datapaths_leave_each_others_sockets_alone() => _lab.Pods[1].Run(() =>
    {
        using var pins = new TestPins();
        using var cgroup = new TestCgroup(); // this process is in it from here on, and so are the sockets that it makes
        using var other = LinuxDatapath.Open(_lab.Options with { CgroupRoot = cgroup.Cgroup.Path, BpfRoot = pins.Path });
        using var scans = new ScanLog(other);
        Assert.That(other.Apply(new([ServiceLab.Service(9, 2)], [])).Failures, Is.Empty);
        _ = _lab.Apply(ServiceLab.Service(1, 2));
        using var socket = Connect(ServiceLab.ServiceV4(9));

        // Both have handed out the same identifiers.
        _ = _lab.Apply(ServiceLab.Service(1, 3));
        Assert.That(_scans.Next().Udp, Is.Zero);
        Assert.That(Dial.Ask(socket).Pod, Is.EqualTo("pod2"));
        Assert.That(other.Apply(new([ServiceLab.Service(9, 3)], [])).Failures, Is.Empty);
        Assert.That(scans.Next().Udp, Is.EqualTo(1));
        AssertEnded(socket);
    });

    [Test]
    [LoadTest]
    public void However_many_sockets_there_are_each_is_ended() => _lab.Pods[1].Run(() =>
    {
        // More than the kernel hands over at once, and enough that some keep what they dialed in socket storage.
        const int Crowd = 6000;
        _ = _lab.Apply(ServiceLab.Service(1, 2));
        var sockets = new List<RawSocket>(Crowd);
        try
        {
            for (var i = 0; i < Crowd; i++)
                sockets.Add(Connect(ServiceLab.ServiceV4()));
            _ = _lab.Apply(ServiceLab.Service(1, 3));
            Assert.That(_scans.Next().Udp, Is.EqualTo(Crowd));
            foreach (var socket in sockets)
                AssertEnded(socket);
        }
        finally
        {
            foreach (var socket in sockets)
                socket.Dispose();
        }
    });

    [Test]
    [LoadTest]
    public void However_often_backends_change_no_socket_is_left_with_one_that_is_gone()
    {
        const int Changes = 400;
        using var done = new CancellationTokenSource();
        var sockets = new List<RawSocket>();
        _ = _lab.Apply(ServiceLab.Service(1, 2));
        var dialer = new Thread(() => _lab.Pods[1].Run(() =>
        {
            while (!done.IsCancellationRequested && sockets.Count < 10_000)
                sockets.Add(Connect(ServiceLab.ServiceV4()));
        }));
        dialer.Start();
        for (var i = 0; i < Changes; i++)
            _ = _lab.Apply(ServiceLab.Service(1, i % 2 == 0 ? 3 : 2));
        done.Cancel();
        dialer.Join();
        try
        {
            _ = _lab.Apply(ServiceLab.Service(1, 3));
            _lab.Datapath.Dispose(); // waits for all scans
            var answers = sockets.Select(static socket => Dial.Ask(socket)).Distinct();
            Assert.That(answers, Is.SubsetOf(new[] { new Answer(Errno.None, "pod3"), new Answer((Errno)89, "") }), "or ended: EDESTADDRREQ");
        }
        finally
        {
            foreach (var socket in sockets)
                socket.Dispose();
        }
    }

    private static RawSocket Connect(IPAddress address, AddressFamily? family = null, int port = ServiceLab.ServicePort)
    {
        var socket = new RawSocket(family ?? address.AddressFamily, SocketType.Dgram);
        Assert.That(socket.Connect(SocketName.Of(address, port)), Is.EqualTo(Errno.None));
        return socket;
    }

    private static void AssertEnded(RawSocket socket) => Assert.That(socket.ReceiveFrom().Errno, Is.EqualTo(Errno.ECONNABORTED));

    /// <summary>A service whose last backend terminates, and still serves.</summary>
    private static DesiredService Draining(DesiredService service) => service with
    {
        Frontends = [.. service.Frontends.Select(static f => f with { Backends = [.. f.Backends[..^1], f.Backends[^1] with { State = BackendState.Terminating }], UsableCount = f.UsableCount - 1 })],
    };
}
