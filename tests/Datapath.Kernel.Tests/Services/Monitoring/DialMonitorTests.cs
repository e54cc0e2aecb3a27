using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Datapath.BpfObjects;
using Datapath.BpfObjects.Layout;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Cgroups;
using Datapath.Linux.Services;

namespace Datapath.Kernel.Tests.Services.Monitoring;

/// <summary>A listener hears each dial to a service, with who dialed, what became of it and why.</summary>
[TestFixture]
internal sealed class DialMonitorTests
{
    private const int SolSocket = 1;
    private const int SoCookie = 57;
    private ServiceLab _lab = null!;

    [SetUp]
    public void StartLab()
    {
        _lab = new(servers: 1);
        _ = _lab.Apply(ServiceLab.Service(1, 2), ServiceLab.Service(2));
    }

    [TearDown]
    public void StopLab() => _lab.Dispose();

    private static L4Address At(IPAddress address, L4Protocol protocol) => new(address, ServiceLab.ServicePort, protocol);

    private static ulong CookieOf(Socket socket)
    {
        Span<byte> cookie = stackalloc byte[8];
        _ = socket.GetRawSocketOption(SolSocket, SoCookie, cookie);
        return BinaryPrimitives.ReadUInt64LittleEndian(cookie);
    }

    private static IEnumerable<TestCaseData> Dials()
    {
        foreach (var (name, service, backend, dialed) in new[]
        {
            ("IPv4", ServiceLab.ServiceV4(), PodNetwork.V4(2), ServiceLab.ServiceV4()),
            ("IPv6", ServiceLab.ServiceV6(), PodNetwork.V6(2), ServiceLab.ServiceV6()),
            ("mapped", ServiceLab.ServiceV4(), PodNetwork.V4(2), ServiceLab.ServiceV4().MapToIPv6()),
        })
        {
            yield return new TestCaseData(dialed, service, backend, ProtocolType.Tcp, DialCall.Connect).SetArgDisplayNames($"TCP, {name}");
            yield return new TestCaseData(dialed, service, backend, ProtocolType.Udp, DialCall.Connect).SetArgDisplayNames($"connected UDP, {name}");
            yield return new TestCaseData(dialed, service, backend, ProtocolType.Udp, DialCall.Datagram).SetArgDisplayNames($"datagram, {name}");
        }
    }

    [LoadTest]
    [TestCaseSource(nameof(Dials))]
    public void A_translated_dial_is_told(IPAddress dialed, IPAddress service, IPAddress backend, ProtocolType protocol, DialCall call)
    {
        using var log = new DialLog(_lab);
        var before = TimeProvider.System.GetUtcNow();
        var (cookie, command) = _lab.Pods[1].Run(() =>
        {
            using var socket = new Socket(dialed.AddressFamily, protocol is ProtocolType.Tcp ? SocketType.Stream : SocketType.Dgram, protocol);
            if (dialed.IsIPv4MappedToIPv6)
                socket.DualMode = true;
            if (call is DialCall.Connect)
                socket.Connect(dialed, ServiceLab.ServicePort);
            else
                _ = socket.SendTo("who"u8, new IPEndPoint(dialed, ServiceLab.ServicePort));
            return (CookieOf(socket), File.ReadAllText("/proc/thread-self/comm").TrimEnd('\n'));
        });
        var after = TimeProvider.System.GetUtcNow();

        var l4 = protocol is ProtocolType.Tcp ? L4Protocol.Tcp : L4Protocol.Udp;
        var frontend = _lab.Datapath.Read().Single(f => f.Address == At(service, l4));
        var dial = log.Take().Single();
        Assert.Multiple(() =>
        {
            Assert.That(dial, Is.EqualTo(new ObservedDial
            {
                Time = dial.Time,
                Verdict = DialVerdict.Translated,
                Reason = DialReason.None,
                Call = call,
                Service = frontend.Address,
                ServiceName = ServiceLab.Name(1),
                Backend = new(backend, ServiceLab.BackendPort, l4),
                FrontendId = frontend.Id,
                BackendId = frontend.Backends.Single().Id,
                FrontendType = FrontendType.ClusterIP,
                ProcessId = dial.ProcessId,
                Command = command,
                CgroupId = Cgroup.Open(_lab.CgroupPath).Id,
                NetnsCookie = _lab.Pods[1].Cookie,
                SocketCookie = cookie,
                Client = dial.Client,
            }));
            Assert.That(dial.Time, Is.InRange(before.AddSeconds(-1), after.AddSeconds(1)), "the clocks are read one after the other");
            Assert.That(dial.ProcessId, IsInFirstPidNamespace() ? Is.EqualTo(Environment.ProcessId) : Is.Positive);
            Assert.That(dial.Client, Is.EqualTo(Path.GetFileName(_lab.CgroupPath)), "nothing with a path holds the pod's network namespace");
        });
    }

    [Test]
    public void A_refused_dial_is_told_with_its_reason([Values(L4Protocol.Tcp, L4Protocol.Udp)] L4Protocol protocol)
    {
        using var log = new DialLog(_lab);
        var answer = _lab.Pods[1].Run(() => protocol is L4Protocol.Tcp ? Dial.Tcp(ServiceLab.ServiceV6(2)) : Dial.Udp(ServiceLab.ServiceV6(2)));
        Assert.That(answer.Errno, Is.EqualTo(Errno.ECONNREFUSED));
        var dial = log.Take().Single();
        Assert.That(
            (dial.Verdict, dial.Reason, dial.Service, dial.ServiceName, dial.Backend, dial.BackendId),
            Is.EqualTo((DialVerdict.Refused, DialReason.NoBackend, At(ServiceLab.ServiceV6(2), protocol), ServiceLab.Name(2), (L4Address?)null, 0u)));
    }

    [Test]
    public void A_refused_datagram_is_told_too()
    {
        using var log = new DialLog(_lab);
        _lab.Pods[1].Run(static () =>
        {
            using var socket = new RawSocket(AddressFamily.InterNetwork, SocketType.Dgram);
            Assert.That(Dial.AskAt(socket, ServiceLab.ServiceV4(2)).Answer.Errno, Is.EqualTo(Errno.ECONNREFUSED));
        });
        var dial = log.Take().Single();
        Assert.That((dial.Verdict, dial.Reason, dial.Call), Is.EqualTo((DialVerdict.Refused, DialReason.NoBackend, DialCall.Datagram)));
    }

    [Test]
    public void A_dial_of_a_client_that_is_left_alone_is_told_as_passed()
    {
        using var exemptions = _lab.Datapath.OpenMap(SocketLbObject.Exemptions);
        exemptions.AsHash<ulong, uint>().Set(_lab.Pods[1].Cookie, 0);
        using var map = _lab.Datapath.OpenMap(SocketLbObject.State);
        using var state = new StateMap(map);
        state.Set(StateFlags.HasExemptions);
        using var log = new DialLog(_lab);
        Assert.That(_lab.Pods[1].Run(static () => Dial.Tcp(ServiceLab.ServiceV4(2))).Errno, Is.Not.EqualTo(Errno.ECONNREFUSED), "nobody has the address");
        _ = _lab.Pods[2].Run(static () => Dial.Tcp(ServiceLab.ServiceV4(2)));
        Assert.That(
            log.Take().Select(static d => (d.Verdict, d.Reason, d.Backend)),
            Is.EqualTo(new[] { (DialVerdict.Passed, DialReason.Exempt, (L4Address?)null), (DialVerdict.Refused, DialReason.NoBackend, null) }));
    }

    [Test]
    public void Dials_to_what_is_no_service_are_not_told()
    {
        using var log = new DialLog(_lab);
        Assert.That(_lab.Pods[1].Run(static () => Dial.Tcp(PodNetwork.V4(2), ServiceLab.BackendPort)).Pod, Is.EqualTo("pod2"));
        Assert.That(log.Take(), Is.Empty);
    }

    [TestCase("0.0.0.0")]
    [TestCase("::")]
    [TestCase("127.0.0.1")]
    [LoadTest]
    public void A_dial_to_a_node_port_is_told_as_it_was_dialed(string address)
    {
        _lab.Dispose();
        _lab = new(servers: 2, static options => options, hostPod: 1);
        _ = _lab.Apply(NodePorts.Service(1, FrontendType.NodePort, 30080, 2));
        using var log = new DialLog(_lab);
        Assert.That(_lab.Pods[1].Run(() => Dial.Tcp(IPAddress.Parse(address), 30080)).Pod, Is.EqualTo("pod2"));
        Assert.That(log.Take().Single().Service, Is.EqualTo(new L4Address(IPAddress.Parse(address), 30080, L4Protocol.Tcp)));
    }

    [Test]
    public void The_order_is_that_of_the_dials()
    {
        using var log = new DialLog(_lab);
        for (var i = 0; i < 3; i++)
        {
            Assert.That(_lab.Pods[1].Run(static () => Dial.Tcp(ServiceLab.ServiceV4())).Pod, Is.EqualTo("pod2"));
            Assert.That(_lab.Pods[1].Run(static () => Dial.Tcp(ServiceLab.ServiceV4(2))).Errno, Is.EqualTo(Errno.ECONNREFUSED));
        }

        var dials = log.Take();
        Assert.That(dials.Select(static d => d.Verdict), Is.EqualTo(Enumerable.Repeat(new[] { DialVerdict.Translated, DialVerdict.Refused }, 3).SelectMany(static v => v)));
        Assert.That(dials.Select(static d => d.Time), Is.Ordered);
    }

    [LoadTest]
    [Test]
    public async Task Who_waits_is_woken_by_a_dial_and_told_of_the_end()
    {
        using var monitor = DialMonitor.Open(_lab.Datapath);
        await using var reading = monitor.ReadAllAsync().GetAsyncEnumerator();
        var next = reading.MoveNextAsync().AsTask();
        Assert.That(next.IsCompleted, Is.False);
        _ = _lab.Pods[1].Run(static () => Dial.Tcp(ServiceLab.ServiceV4()));
        Assert.That(await next.WaitAsync(TimeSpan.FromSeconds(60)), Is.True);
        Assert.That(reading.Current.Service, Is.EqualTo(At(ServiceLab.ServiceV4(), L4Protocol.Tcp)));
        next = reading.MoveNextAsync().AsTask();
        monitor.Dispose();
        Assert.That(await next.WaitAsync(TimeSpan.FromSeconds(60)), Is.False);
    }

    /// <summary>Elsewhere the number that a process has in the first one cannot be known.</summary>
    private static bool IsInFirstPidNamespace() => new FileInfo("/proc/self/ns/pid").LinkTarget is "pid:[4026531836]";
}
