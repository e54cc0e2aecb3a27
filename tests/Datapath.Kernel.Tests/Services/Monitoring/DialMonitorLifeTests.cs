using Datapath.BpfObjects;
using Datapath.BpfObjects.Layout;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Bpf.Ring;

namespace Datapath.Kernel.Tests.Services.Monitoring;

/// <summary>Listeners come and go, one at a time, and leave nothing behind that costs.</summary>
[TestFixture]
[LoadTest]
internal sealed class DialMonitorLifeTests
{
    private static ServiceLab Start(DatapathLifetime lifetime, int bufferSize = 1 << 20)
    {
        var lab = new ServiceLab(servers: 1, options => options with { Lifetime = lifetime, TraceBufferSize = bufferSize });
        _ = lab.Apply(ServiceLab.Service(1, 2), ServiceLab.Service(2));
        return lab;
    }

    private static void DialOnce(ServiceLab lab) =>
        Assert.That(lab.Pods[1].Run(static () => Dial.Tcp(ServiceLab.ServiceV4(2))).Errno, Is.EqualTo(Errno.ECONNREFUSED));

    private static StateFlags Flags(ServiceLab lab)
    {
        using var map = lab.Datapath.OpenMap(SocketLbObject.State);
        return map.AsArray<ManagerState>()[0].Flags;
    }

    private static long Pending(ServiceLab lab)
    {
        using var map = lab.Datapath.OpenMap(SocketLbObject.Events);
        using var ring = BpfRingBuffer.Open(map);
        return ring.PendingBytes;
    }

    /// <summary>Asks for everything until a time of the monotonic clock, as a listener does that goes on no more.</summary>
    private static void Ask(ServiceLab lab, ulong until)
    {
        using var map = lab.Datapath.OpenMap(SocketLbObject.Trace);
        using var state = lab.Datapath.OpenMap(SocketLbObject.State);
        using var memory = map.MapMemory<TraceFilter>();
        memory.DangerousItem(0) = new() { Until = until, Threshold = uint.MaxValue, Verdicts = 7 };
        using var flags = new Datapath.Linux.Services.StateMap(state);
        flags.Set(StateFlags.Traces);
    }

    [Test]
    public void Nothing_is_told_before_and_after_a_listener()
    {
        using var lab = Start(DatapathLifetime.Process);
        DialOnce(lab);
        Assert.That((Flags(lab), Pending(lab)), Is.EqualTo((StateFlags.None, 0L)), "before");
        using (var log = new DialLog(lab))
        {
            Assert.That(Flags(lab), Is.EqualTo(StateFlags.Traces));
            DialOnce(lab);
            Assert.That(log.Take(), Has.Count.EqualTo(1), "while it listens");
        }

        DialOnce(lab);
        Assert.That((Flags(lab), Pending(lab)), Is.EqualTo((StateFlags.None, 0L)), "after");
    }

    [Test]
    public void Other_flags_stay_as_they_are()
    {
        using var lab = Start(DatapathLifetime.Process);
        using var map = lab.Datapath.OpenMap(SocketLbObject.State);
        using var state = new Datapath.Linux.Services.StateMap(map);
        state.Set(StateFlags.HasRanges);
        using (new DialLog(lab))
            Assert.That(Flags(lab), Is.EqualTo(StateFlags.Traces | StateFlags.HasRanges));
        Assert.That(Flags(lab), Is.EqualTo(StateFlags.HasRanges));
    }

    [Test]
    public void A_listener_that_is_late_is_told_nothing_and_dials_take_the_common_way_again()
    {
        using var lab = Start(DatapathLifetime.Process);
        Ask(lab, until: ulong.MaxValue);
        DialOnce(lab);
        var told = Pending(lab);
        Assert.That(told, Is.Positive);
        Ask(lab, until: 1);
        DialOnce(lab);
        Assert.That((Pending(lab), Flags(lab)), Is.EqualTo((told, StateFlags.None)));
    }

    [Test]
    public void What_an_earlier_listener_left_is_not_told_to_the_next()
    {
        using var lab = Start(DatapathLifetime.Process);
        Ask(lab, until: ulong.MaxValue);
        DialOnce(lab);
        using var log = new DialLog(lab);
        Assert.That(log.Take(), Is.Empty);
        DialOnce(lab);
        Assert.That(log.Take(), Has.Count.EqualTo(1));
    }

    [Test]
    public void A_second_listener_is_refused_with_the_process_of_the_first_and_may_come_after_it([Values] DatapathLifetime lifetime)
    {
        using var lab = Start(lifetime);
        using (var first = new DialLog(lab))
        {
            var refusal = Assert.Throws<DialMonitorInUseException>(() => DialMonitor.Open(lab.Datapath).Dispose())!;
            Assert.That(refusal.ListenerPid, Is.EqualTo(Environment.ProcessId));
            Assert.That(refusal.Message, Does.StartWith($"process {Environment.ProcessId} already listens to the dials of "));
            DialOnce(lab);
            Assert.That(first.Take(), Has.Count.EqualTo(1), "the first goes on");
        }

        using var second = new DialLog(lab);
        DialOnce(lab);
        Assert.That(second.Take(), Has.Count.EqualTo(1));
    }

    [Test]
    public void A_pinned_datapath_is_heard_by_its_folder_without_its_manager()
    {
        using var lab = Start(DatapathLifetime.Pinned);
        lab.Datapath.Dispose();
        using var log = new DialLog(DialMonitor.Open(lab.Options.BpfRoot, new() { ServiceNames = static _ => new("given", "name") }));
        DialOnce(lab);
        Assert.That(log.Take().Single().ServiceName, Is.EqualTo(new ServiceName("given", "name")));
    }

    [Test]
    public void Refused_dials_are_reported_as_the_documentation_does_it()
    {
        using var lab = Start(DatapathLifetime.Pinned);
        using var stop = new CancellationTokenSource();
        var reports = new List<string>();
        var reporting = ReportAsync(
            lab.Options.BpfRoot,
            report =>
            {
                reports.Add(report);
                stop.Cancel();
            },
            stop.Token);
        Assert.That(Flags(lab), Is.EqualTo(StateFlags.Traces), "it listens before it waits");
        DialOnce(lab);
        Assert.That(async () => await reporting.WaitAsync(TimeSpan.FromSeconds(60)), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(reports, Is.EqualTo(new[] { $"{Path.GetFileName(lab.CgroupPath)} could not dial 10.96.0.2:80/TCP: NoBackend" }));

        static async Task ReportAsync(string bpfRoot, Action<string> report, CancellationToken cancellationToken)
        {
            using var monitor = DialMonitor.Open(bpfRoot, new() { Verdicts = [DialVerdict.Refused] });
            await foreach (var dial in monitor.ReadAllAsync(cancellationToken))
                report($"{dial.Client} could not dial {dial.Service}: {dial.Reason}");
        }
    }

    [Test]
    public async Task Who_listens_is_told_that_the_datapath_was_uninstalled([Values] bool isInstalledAgain)
    {
        using var lab = Start(DatapathLifetime.Pinned);
        using var monitor = DialMonitor.Open(lab.Options.BpfRoot);
        await using var reading = monitor.ReadAllAsync().GetAsyncEnumerator();
        var next = reading.MoveNextAsync().AsTask();
        lab.Datapath.Dispose();
        Assert.That(PinnedDatapath.Uninstall(lab.Options.BpfRoot), Is.True);
        if (isInstalledAgain)
            lab.Reopen();
        var end = (await Assert.ThrowsAsync<LinuxException>(async () => await next.WaitAsync(TimeSpan.FromSeconds(60))))!;
        Assert.That((end.Errno, end.Message), Is.EqualTo((Errno.ENOENT, $"listen to the dials of '{lab.Options.BpfRoot}': ENOENT (the datapath was uninstalled)")));
    }

    [Test]
    public void A_folder_without_a_datapath_is_refused()
    {
        using var pins = new TestPins();
        Assert.That(() => DialMonitor.Open(pins.Path), Throws.InstanceOf<LinuxException>().With.Message.Contains(pins.Path));
    }

    [Test]
    public void Dials_without_room_are_counted_as_lost()
    {
        using var lab = Start(DatapathLifetime.Process, bufferSize: 4096);
        using var log = new DialLog(lab);
        Assert.That(log.Lost, Is.Zero);
        for (var i = 0; i < 50; i++)
            DialOnce(lab);
        var kept = log.Take().Count;
        Assert.That((kept + log.Lost, kept), Is.EqualTo((50L, 4096 / 112)));
        DialOnce(lab);
        Assert.That(log.Take(), Has.Count.EqualTo(1), "what was read made room");
    }

    [Test]
    public void What_was_lost_is_known_after_the_end_and_begins_at_nothing_for_the_next()
    {
        using var lab = Start(DatapathLifetime.Process, bufferSize: 4096);
        var log = new DialLog(lab);
        for (var i = 0; i < 50; i++)
            DialOnce(lab);
        log.Dispose();
        Assert.That(log.Lost, Is.EqualTo(50 - (4096 / 112)));
        using var next = new DialLog(lab);
        Assert.That(next.Lost, Is.Zero);
    }

    [TestCase(4095)]
    [TestCase(2048)]
    [TestCase(12288)]
    public void A_ring_size_that_cannot_be_is_refused_by_name(int size) => Assert.That(
        () => LinuxDatapath.Open(new() { TraceBufferSize = size }),
        Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("TraceBufferSize must be a power of two, 4096 to 536870912"));

    [Test]
    public void A_datapath_may_end_before_its_listener()
    {
        using var lab = Start(DatapathLifetime.Process);
        using var log = new DialLog(lab);
        DialOnce(lab);
        lab.Datapath.Dispose();
        Assert.That(log.Take(), Has.Count.EqualTo(1));
    }
}
