using System.Net.Sockets;
using Datapath.BpfObjects;
using Datapath.BpfObjects.Layout;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Bpf;
using Datapath.Linux.Services;

namespace Datapath.Kernel.Tests.Services;

/// <summary>
/// The kernel gives a hash element to another key the moment that its own is replaced, also while a program stands on it: a dial that meets
/// this must neither miss its service nor take the other's backends.
/// </summary>
[TestFixture]
[LoadTest]
internal sealed class LookupRaceTests
{
    private const int Connects = 8_000_000;
    private readonly CancellationTokenSource _stop = new();
    private ServiceLab _lab = null!;

    [OneTimeSetUp]
    public void StartLab() => _lab = new(lifetime: DatapathLifetime.Pinned);

    [OneTimeTearDown]
    public void StopLab()
    {
        _lab.Dispose();
        _stop.Dispose();
    }

    [Test]
    public void A_dial_finds_its_service_while_every_service_is_replaced()
    {
        _ = _lab.Apply(ServiceLab.Service(1, 2), ServiceLab.Service(2, 2));
        var writes = 0L;
        var writer = new Thread(() => writes = Replace());
        writer.Start();
        var failures = _lab.Pods[1].Run(Connect);
        _stop.Cancel();
        writer.Join();
        TestContext.Out.WriteLine($"{writes} writes, {string.Join(", ", _lab.Datapath.GetStatus().Counters)}");
        Assert.That(failures, Is.Zero);
        Assert.That(writes, Is.GreaterThan(1_000_000));
    }

    // As the datapath does it, but without anything else to do: the two UDP frontends pass the same elements back and forth.
    private long Replace()
    {
        using var state = StateMap.OpenPinned(_lab.Pins.Path);
        using var map = BpfMap.OpenPinned(Path.Combine(PinFolder.MapsOf(_lab.Pins.Path), SocketLbObject.Frontends4));
        var frontends = map.AsHash<FrontendKey4, FrontendValue>();
        var writing = new FrontendWriting(() => ref state.Value);
        var pair = frontends.ToList().FindAll(static e => e.Key.Protocol == (byte)L4Protocol.Udp);
        Assert.That(pair, Has.Count.EqualTo(2));
        FrontendKey4[] keys = [.. Enumerable.Repeat(pair, 8).SelectMany(static p => p).Select(static e => e.Key)];
        FrontendValue[] values = [.. Enumerable.Repeat(pair, 8).SelectMany(static p => p).Select(static e => e.Value)];
        var writes = 0L;
        while (!_stop.IsCancellationRequested)
        {
            using (writing.Begin())
                BpfException.ThrowIfFailed(frontends.TrySetAll(keys, values, out _), "write frontends");
            writes += keys.Length;
        }

        return writes;
    }

    // A datagram socket may connect again and again, which is the cheapest dial. Without its service the address has no route.
    private static int Connect()
    {
        using var socket = new RawSocket(AddressFamily.InterNetwork, SocketType.Dgram);
        SocketName[] names = [.. new[] { 1, 2 }.Select(static n => SocketName.Of(ServiceLab.ServiceV4(n), ServiceLab.ServicePort))];
        var failures = 0;
        for (var i = 0; i < Connects; i++)
        {
            if (socket.Connect(names[i % 2]) is not Errno.None)
                failures++;
        }

        return failures;
    }
}
