using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Datapath.BpfObjects;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;

namespace Datapath.Kernel.Tests.Services;

/// <summary>Backends that do not take connections. Pods 2 and 3 serve, pod 1 has no server: it refuses. The client is pod 3.</summary>
[TestFixture]
internal sealed class ConnectFallbackTests
{
    private const int Client = 3;
    private const int Refusing = 1;

    /// <summary>No pod has this number: nobody answers to its address.</summary>
    private const int Missing = 99;

    private const int Many = 200;

    private static readonly TimeSpan s_time = TimeSpan.FromHours(1);

    private ServiceLab _lab = null!;
    private FailedBackends _failed = null!;

    [SetUp]
    public void StartLab()
    {
        _lab = new(servers: 2, static options => options with { Lifetime = DatapathLifetime.Pinned, ConnectFallback = s_time });
        _failed = new(_lab);
    }

    [TearDown]
    public void StopLab()
    {
        _failed.Dispose();
        _lab.Dispose();
    }

    [LoadTest]
    [TestCaseSource(nameof(Targets))]
    public void After_a_refused_dial_none_goes_there_until_the_time_is_over(IPAddress service) => _lab.Pods[Client].Run(() =>
    {
        _ = _lab.Apply(ServiceLab.Service(1, 2, Refusing));
        DialUntilRefused(service);
        Assert.That(_failed.Count, Is.EqualTo(1));
        Assert.That(Dials(service, Many), Is.All.EqualTo("pod2"));
        _failed.Age(s_time);
        DialUntilRefused(service);
        Assert.That(Dials(service, Many), Is.All.EqualTo("pod2"));
    });

    [LoadTest]
    [TestCaseSource(nameof(Targets))]
    public void The_dials_of_a_failed_backend_are_shared_by_the_others(IPAddress service) => _lab.Pods[Client].Run(() =>
    {
        _ = _lab.Apply(ServiceLab.Service(1, Refusing, 2, 3));
        DialUntilRefused(service);
        var pods = Dials(service, Many);
        Assert.That(pods.Distinct(), Is.EquivalentTo(new[] { "pod2", "pod3" }));
        Assert.That(pods.Count(static pod => pod == "pod2"), Is.InRange(Many / 4, Many * 3 / 4));
    });

    [LoadTest]
    [TestCaseSource(nameof(Targets))]
    public void The_only_backend_that_takes_connections_gets_every_dial_once_the_others_have_failed(IPAddress service) => _lab.Pods[Client].Run(() =>
    {
        const int Failing = 5;
        _ = _lab.Apply(WithRefusingPorts(ServiceLab.Service(1, 2), Failing));
        for (var refusals = 0; refusals < Failing; refusals++)
            DialUntilRefused(service);
        Assert.That(_failed.Count, Is.EqualTo(Failing), "none was dialed twice");
        Assert.That(Dials(service, Many), Is.All.EqualTo("pod2"));
    });

    [LoadTest]
    [TestCaseSource(nameof(Targets))]
    public void When_all_backends_fail_the_dials_are_refused_as_ever(IPAddress service) => _lab.Pods[Client].Run(() =>
    {
        _ = _lab.Apply(WithRefusingPorts(ServiceLab.Service(1, Refusing), 1));
        Assert.That(Dials(service, Many), Is.All.EqualTo(nameof(Errno.ECONNREFUSED)));
        Assert.That(_failed.Count, Is.EqualTo(2));
    });

    [LoadTest]
    [TestCaseSource(nameof(Targets))]
    public void A_backend_that_takes_a_connection_again_is_dialed_again(IPAddress service)
    {
        var (pods, alone) = (ServiceLab.Service(1, 2, Refusing), ServiceLab.Service(1, Refusing));
        _ = _lab.Apply(pods);
        _lab.Pods[Client].Run(() => DialUntilRefused(service));
        using var server = new NameServer(_lab.Pods[Refusing], "back", ServiceLab.BackendPort);
        _lab.Pods[Client].Run(() =>
        {
            Assert.That(Dials(service, Many), Is.All.EqualTo("pod2"), "nobody knows yet");
            _ = _lab.Apply(alone);
            Assert.That(Dials(service, 1), Is.All.EqualTo("back"));
            Assert.That(_failed.Count, Is.Zero);
            _ = _lab.Apply(pods);
            Assert.That(Dials(service, Many).Distinct(), Is.EquivalentTo(new[] { "pod2", "back" }));
        });
    }

    [LoadTest]
    [TestCaseSource(nameof(Targets))]
    public void A_client_that_stays_leaves_a_backend_that_failed_and_stays_with_the_next(IPAddress service) => _lab.Pods[Client].Run(() =>
    {
        _ = _lab.Apply(StickyClients.Of(ServiceLab.Service(1, Refusing)));
        Assert.That(Dials(service, 1), Is.All.EqualTo(nameof(Errno.ECONNREFUSED)));
        _failed.Age(s_time);
        _ = _lab.Apply(StickyClients.Of(ServiceLab.Service(1, 2, Refusing, 3)));
        Assert.That(Dials(service, 1), Is.All.EqualTo(nameof(Errno.ECONNREFUSED)), "it stays until it learns");
        var pods = Dials(service, Many);
        Assert.That(pods.Distinct().Count(), Is.EqualTo(1));
        Assert.That(pods[0], Is.AnyOf("pod2", "pod3"));
        _failed.Age(s_time);
        Assert.That(Dials(service, Many), Is.All.EqualTo(pods[0]), "for good");
    });

    [LoadTest]
    [Test]
    public void A_dial_without_a_service_is_nobodys_failure() => _lab.Pods[Client].Run(() =>
    {
        _ = _lab.Apply(ServiceLab.Service(1, 2, Refusing));
        foreach (var address in new[] { PodNetwork.V4(Refusing), PodNetwork.V6(Refusing), PodNetwork.V4(Refusing).MapToIPv6() })
            Assert.That(Dial.Tcp(address, ServiceLab.BackendPort).Errno, Is.EqualTo(Errno.ECONNREFUSED));
        Assert.That(_failed.Count, Is.Zero);
    });

    [Test]
    public void A_backend_that_cannot_be_reached_has_failed() => _lab.Pods[Client].Run(() =>
    {
        Apply(PodNetwork.V4(2), PodNetwork.V4(Missing));
        Assert.That(Enumerable.Range(0, 100).Any(static _ => Dial.Tcp(ServiceLab.ServiceV4()).Errno is Errno.EHOSTUNREACH), Is.True);
        Assert.That(Dials(ServiceLab.ServiceV4(), Many), Is.All.EqualTo("pod2"));
    });

    [Test]
    public void A_dial_that_the_application_gives_up_at_once_is_no_failure() => _lab.Pods[Client].Run(() =>
    {
        Apply(PodNetwork.V4(Missing));
        StartDial().Dispose();
        Assert.That(_failed.Count, Is.Zero);
    });

    [LoadTest]
    [Test]
    public void A_dial_that_the_application_gives_up_after_the_kernel_asked_again_is_one()
    {
        // A queue that is full answers nobody.
        using var server = _lab.Pods[Refusing].Run(static () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        server.Bind(new IPEndPoint(IPAddress.Any, ServiceLab.BackendPort));
        server.Listen(0);
        _lab.Pods[Client].Run(() =>
        {
            using var first = new RawSocket(AddressFamily.InterNetwork, SocketType.Stream);
            Assert.That(first.Connect(SocketName.Of(PodNetwork.V4(Refusing), ServiceLab.BackendPort)), Is.EqualTo(Errno.None));
            Eventually.True(() => server.Poll(TimeSpan.Zero, SelectMode.SelectRead), "the queue is not full");
            Apply(PodNetwork.V4(Refusing));
            using (var socket = StartDial())
                Eventually.True(() => TotalRetransmissions(socket) > 0, "the kernel does not ask again");
            Assert.That(_failed.Count, Is.EqualTo(1));
        });
    }

    [Test]
    public void UDP_dials_a_failed_backend_all_the_same() => _lab.Pods[Client].Run(() =>
    {
        _ = _lab.Apply(ServiceLab.Service(1, 2, Refusing));
        DialUntilRefused(ServiceLab.ServiceV4());
        Assert.That(Enumerable.Range(0, 64).Any(static _ => Dial.Udp(ServiceLab.ServiceV4()).Errno is Errno.ECONNREFUSED), Is.True);
    });

    [LoadTest]
    [Test]
    public void Switched_off_no_program_is_attached_and_none_of_an_earlier_run_stays() => _lab.Pods[Client].Run(() =>
    {
        _ = _lab.Apply(ServiceLab.Service(1, 2, Refusing));
        Assert.That(PinnedDatapath.ReadHooks(_lab.Pins.Path).Keys, Does.Contain(ConnectFallbackObject.Watch));
        DialUntilRefused(ServiceLab.ServiceV4());
        _lab.Reopen(static options => options with { ConnectFallback = TimeSpan.Zero });
        Assert.That(PinnedDatapath.ReadHooks(_lab.Pins.Path).Keys, Does.Not.Contain(ConnectFallbackObject.Watch));
        _ = _lab.Datapath.Replace(ServiceLab.State(ServiceLab.Service(1, 2, Refusing)));
        Assert.That(Dials(ServiceLab.ServiceV4(), Many).Distinct(), Is.EquivalentTo(new[] { "pod2", nameof(Errno.ECONNREFUSED) }));
    });

    [LoadTest]
    [TestCase(-1)]
    [TestCase(86_401)]
    public void A_time_that_cannot_be_is_refused(int seconds) => Assert.That(
        () => LinuxDatapath.Open(_lab.Options with { ConnectFallback = TimeSpan.FromSeconds(seconds) }),
        Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains(nameof(LinuxDatapathOptions.ConnectFallback)));

    private static IEnumerable<IPAddress> Targets() => [ServiceLab.ServiceV4(), ServiceLab.ServiceV6(), ServiceLab.ServiceV4().MapToIPv6()];

    private static string[] Dials(IPAddress service, int count) => [.. Enumerable.Range(0, count).Select(_ => Dial.Tcp(service).ToString())];

    /// <summary>With two or three backends, a hundred dials meet each of them.</summary>
    private static void DialUntilRefused(IPAddress service) =>
        Assert.That(Enumerable.Range(0, 100).Any(_ => Dial.Tcp(service).Errno is Errno.ECONNREFUSED), Is.True, "no dial met the backend that refuses");

    /// <summary>Adds further backends, on ports where nobody listens.</summary>
    private static DesiredService WithRefusingPorts(DesiredService service, int count) => service with
    {
        Frontends =
        [
            .. service.Frontends.Select(frontend => frontend with
            {
                Backends =
                [
                    .. frontend.Backends,
                    .. Enumerable.Range(1, count).Select(i => new Backend(new(
                        frontend.Address.IsIPv4 ? PodNetwork.V4(Refusing) : PodNetwork.V6(Refusing), (ushort)(ServiceLab.BackendPort + i), frontend.Address.Protocol))),
                ],
                UsableCount = frontend.Backends.Length + count,
            }),
        ],
    };

    /// <summary>A socket whose question is on its way.</summary>
    private static Socket StartDial()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
        Assert.That(
            () => socket.Connect(ServiceLab.ServiceV4(), ServiceLab.ServicePort),
            Throws.TypeOf<SocketException>().With.Property(nameof(SocketException.SocketErrorCode)).EqualTo(SocketError.WouldBlock));
        return socket;
    }

    private static uint TotalRetransmissions(Socket socket)
    {
        const int IpProtoTcp = 6, TcpInfo = 11, OffsetOfTotalRetransmissions = 100;
        var info = new byte[104];
        _ = socket.GetRawSocketOption(IpProtoTcp, TcpInfo, info);
        return BitConverter.ToUInt32(info, OffsetOfTotalRetransmissions);
    }

    private void Apply(params ReadOnlySpan<IPAddress> backends)
    {
        var address = new L4Address(ServiceLab.ServiceV4(), ServiceLab.ServicePort, L4Protocol.Tcp);
        ImmutableArray<Backend> all = [.. backends.ToArray().Select(static backend => new Backend(new(backend, ServiceLab.BackendPort, L4Protocol.Tcp)))];
        _ = _lab.Apply(new DesiredService(ServiceLab.Name(1), [new() { Address = address, Backends = all, UsableCount = all.Length }]));
    }
}
