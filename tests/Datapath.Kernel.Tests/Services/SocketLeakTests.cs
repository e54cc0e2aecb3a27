using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Datapath.BpfObjects.Layout;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Bpf;

namespace Datapath.Kernel.Tests.Services;

/// <summary>A million sockets that come, send to services and go.</summary>
[TestFixture]
[LoadTest]
internal sealed class SocketLeakTests
{
    private const int Sockets = 1_000_000;
    private const int Threads = 2;

    // What a socket keeps of two peers is 600 bytes and more: a leak would show as ten times this.
    private const long Bound = 64 << 20;
    private ServiceLab _lab = null!;
    private RawSocket _sink = null!;

    [SetUp]
    public void StartLab()
    {
        _lab = new(servers: 0, lifetime: DatapathLifetime.Pinned);
        _ = _lab.Apply(Service(1, PodNetwork.V4(1), PodNetwork.V6(1)), Service(2, IPAddress.Loopback, IPAddress.IPv6Loopback));

        // Takes what comes and never reads it: what does not fit is dropped.
        _sink = _lab.Pods[1].Run(static () => new RawSocket(AddressFamily.InterNetworkV6, SocketType.Dgram));
        Assert.That(_sink.Bind(SocketName.Of(IPAddress.IPv6Any, ServiceLab.BackendPort)), Is.EqualTo(Errno.None));
    }

    [TearDown]
    public void StopLab()
    {
        _sink.Dispose();
        _lab.Dispose();
    }

    [Test]
    public void A_million_sockets_leave_nothing_behind()
    {
        OpenAndClose(Sockets / 20); // the kernel's caches fill once
        var (memory, maps, content) = (KernelMemory.Objects, MapMemory(), MapContent());
        OpenAndClose(Sockets);
        Eventually.True(() => KernelMemory.Objects < memory + Bound, $"the kernel had {memory} bytes of objects and keeps many more");
        TestContext.Out.WriteLine($"objects of the kernel: {memory} before, {KernelMemory.Objects} after");
        Assert.That(MapMemory(), Is.EqualTo(maps));
        Assert.That(MapContent(), Is.EqualTo(content));
        Assert.That(_lab.Datapath.GetStatus().Counters.Values, Is.All.Zero);
    }

    // The bound tells something only if what a socket keeps is that much.
    [Test]
    public void A_socket_that_stays_open_keeps_its_peers()
    {
        const int Open = 15_000;
        OpenAndClose(Open);

        // The kernel counts for the whole machine, where others take memory and give it back meanwhile: the middle of several trials counts.
        long[] trials = [.. Enumerable.Range(0, 7).Select(_ => (MemoryOf(Open, ServiceLab.ServiceV4, ServiceLab.ServiceV6, ServiceLab.ServicePort)
            - MemoryOf(Open, static _ => PodNetwork.V4(1), static _ => PodNetwork.V6(1), ServiceLab.BackendPort)) / Open)];
        TestContext.Out.WriteLine($"{string.Join(", ", trials)} bytes for each socket");
        var perSocket = trials.Order().ElementAt(trials.Length / 2);
        Assert.That(perSocket * Sockets, Is.GreaterThan(4 * Bound));
    }

    private static RawSocket Use(bool isIpv6) => Use(isIpv6, ServiceLab.ServiceV4, ServiceLab.ServiceV6, ServiceLab.ServicePort);

    private static RawSocket Use(bool isIpv6, Func<int, IPAddress> v4, Func<int, IPAddress> v6, int port)
    {
        var socket = new RawSocket(isIpv6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork, SocketType.Dgram);
        for (var service = 1; service <= 2; service++)
        {
            var name = SocketName.Of(isIpv6 ? v6(service) : v4(service), port);
            var errno = socket.SendTo("who"u8, name);
            if (errno is not Errno.None)
                throw new InvalidOperationException($"send to {name}: {errno}");
        }

        return socket;
    }

    private static DesiredService Service(int number, IPAddress v4, IPAddress v6) => new(ServiceLab.Name(number),
    [
        Frontend(ServiceLab.ServiceV4(number), v4),
        Frontend(ServiceLab.ServiceV6(number), v6),
    ]);

    private static Frontend Frontend(IPAddress address, IPAddress backend) => new()
    {
        Address = new(address, ServiceLab.ServicePort, L4Protocol.Udp),
        Backends = [new(new(backend, ServiceLab.BackendPort, L4Protocol.Udp))],
        UsableCount = 1,
    };

    private static string Hash<TSlot>(BpfMap map)
        where TSlot : unmanaged
    {
        using var memory = map.MapMemory<TSlot>();
        using var slots = memory.Slice(0, memory.Count);
        return Convert.ToHexString(SHA256.HashData(System.Runtime.InteropServices.MemoryMarshal.AsBytes(slots.Span)));
    }

    private void OpenAndClose(int sockets)
    {
        Exception? failure = null;
        var threads = Enumerable.Range(0, Threads).Select(_ => new Thread(() =>
        {
            try
            {
                _lab.Pods[1].Run(() =>
                {
                    for (var i = 0; i < sockets / Threads; i++)
                        Use(isIpv6: i % 2 == 0).Dispose();
                });
            }
            catch (Exception e)
            {
                failure = e;
            }
        })).ToArray();
        foreach (var thread in threads)
            thread.Start();
        foreach (var thread in threads)
            thread.Join();
        Assert.That(failure, Is.Null);
    }

    /// <summary>What the kernel takes for sockets that send to two addresses and stay open.</summary>
    private long MemoryOf(int count, Func<int, IPAddress> v4, Func<int, IPAddress> v6, int port)
    {
        var before = KernelMemory.Objects;
        var sockets = _lab.Pods[1].Run(() => Enumerable.Range(0, count).Select(i => Use(i % 2 == 0, v4, v6, port)).ToArray());
        var taken = KernelMemory.Objects - before;
        foreach (var socket in sockets)
            socket.Dispose();
        Eventually.True(() => KernelMemory.Objects < before + (taken / 4), "the memory of closed sockets does not come back");
        return taken;
    }

    private T WithMap<T>(string name, Func<BpfMap, T> read)
    {
        using var map = BpfMap.OpenPinned($"{_lab.Options.BpfRoot}/maps/{name}");
        return read(map);
    }

    private ImmutableSortedDictionary<string, long> MapMemory() => Directory.GetFiles(_lab.Options.BpfRoot + "/maps")
        .Select(static path => Path.GetFileName(path)).ToImmutableSortedDictionary(static name => name, name => WithMap(name, KernelMemory.Of));

    private string[] MapContent() =>
    [
        string.Join('\n', WithMap("dp_frontends4", static m => m.AsHash<FrontendKey4, FrontendValue>().ToList())),
        string.Join('\n', WithMap("dp_frontends6", static m => m.AsHash<FrontendKey6, FrontendValue>().ToList())),
        WithMap("dp_slots4", Hash<Slot4>),
        WithMap("dp_slots6", Hash<Slot6>),
    ];
}
