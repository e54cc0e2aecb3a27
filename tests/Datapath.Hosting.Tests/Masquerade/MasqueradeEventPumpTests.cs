using System.Collections.Immutable;
using System.Text.Json;
using System.Threading.Channels;
using Datapath.BpfObjects.Layout;
using Datapath.Hosting.Tests.Lab;
using Datapath.Linux;
using Microsoft.Extensions.Logging;

namespace Datapath.Hosting.Tests.Masquerade;

/// <summary>Events come to where they belong, and the log of mappings is looked after whether any come or not.</summary>
internal sealed class MasqueradeEventPumpTests
{
    private readonly Channel<MasqueradeEvent> _events = Channel.CreateUnbounded<MasqueradeEvent>();
    private readonly FakeTimeProvider _time = new();
    private readonly CancellationTokenSource _stop = new();
    private TempFolder _folder = null!;
    private FakeLog _log = null!;
    private MappingLogWriter _writer = null!;
    private Task _running = null!;
    private long _lost;
    private ImmutableArray<ListeningGap> _gaps = [];
    private ImmutableArray<MasqueradeFlow> _flows = [];

    private string FilePath => _folder.At("nat.log");

    [SetUp]
    public void Start()
    {
        (_folder, _log) = (new(), new());
        var logger = _log.CreateLogger("");
        _writer = new(new(FilePath), _time, new([]), logger);
        var pump = new MasqueradeEventPump(new(_events.Reader.ReadAllAsync, () => Volatile.Read(ref _lost), () => _gaps, () => _flows), new(_time, logger), _writer, _time);
        _running = pump.RunAsync(_stop.Token);
    }

    [TearDown]
    public async Task Stop()
    {
        await _stop.CancelAsync();
        await _running.WaitAsync(Deadline.Longest).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Assert.That(_running.IsCompleted && !_running.IsFaulted);
        _writer.Dispose();
        _log.Dispose();
        _stop.Dispose();
        _folder.Dispose();
    }

    private int Lines => File.Exists(FilePath) ? File.ReadAllLines(FilePath).Length : 0;

    [Test]
    public async Task Mappings_are_in_the_log_as_soon_as_nothing_more_comes_and_drops_are_warned_of()
    {
        foreach (var told in new MasqueradeEvent[] { Told.Made(), Told.Packet(NatCounter.RefusedFull), Told.Ended(NatEnd.Expired) })
            Assert.That(_events.Writer.TryWrite(told));
        await Deadline.UntilAsync(() => Lines == 2, "both are written");
        Assert.That(_log.At(LogLevel.Warning).Count(), Is.EqualTo(1));
    }

    [Test]
    public async Task What_was_lost_is_a_line_of_its_own_once()
    {
        Volatile.Write(ref _lost, 5);
        await TickAsync(() => Lines == 1);
        Assert.That(File.ReadAllText(FilePath), Does.Contain("\"event\":\"lost\",\"count\":5}"));
        Volatile.Write(ref _lost, 7);
        await TickAsync(() => Lines == 2);
        Assert.That(File.ReadAllLines(FilePath)[1], Does.Contain("\"event\":\"lost\",\"count\":2}"));
    }

    [Test]
    public async Task A_time_without_a_listener_is_a_line_and_flows_that_began_in_it_are_found()
    {
        var now = _time.GetUtcNow();
        _flows = [Told.Flow(port: 1, age: 100), Told.Flow(port: 2, age: 5), Told.Flow(port: 3, age: 5, isMapping: true)];
        ImmutableInterlocked.InterlockedExchange(ref _gaps, [new(now.AddSeconds(-10), now.AddSeconds(-2))]);
        await TickAsync(() => Lines == 2);
        var lines = File.ReadAllLines(FilePath);
        Assert.That(lines[0], Does.Contain($$"""
            "event":"gap","from":{{JsonSerializer.Serialize(now.AddSeconds(-10).UtcDateTime)}},"to":{{JsonSerializer.Serialize(now.AddSeconds(-2).UtcDateTime)}}}
            """));
        Assert.That(lines[1], Does.Contain("\"event\":\"found\"").And.Contain("\"sourcePort\":2,"));
        Assert.That(_log.At(LogLevel.Warning).Single(), Does.StartWith("The log of mappings misses all events from ").And.EndWith(": the process was stopped"));
        await TickAsync(() => _log.At(LogLevel.Warning).Count() == 1);
        Assert.That(Lines, Is.EqualTo(2), "once");
    }

    [Test]
    public async Task A_rotation_is_followed_though_nothing_comes()
    {
        Assert.That(_events.Writer.TryWrite(Told.Made()));
        await Deadline.UntilAsync(() => Lines == 1, "it is written");
        File.Move(FilePath, FilePath + ".1");
        await TickAsync(() => !IsOpen(FilePath + ".1"));
        Assert.That(_events.Writer.TryWrite(Told.Made()));
        await Deadline.UntilAsync(() => Lines == 1, "the next is in a new file");
    }

    [Test]
    public async Task It_ends_when_the_feed_does()
    {
        _events.Writer.Complete();
        await _running.WaitAsync(Deadline.Longest);
        Assert.That(_running.IsCompletedSuccessfully);
    }

    private static bool IsOpen(string path) => new DirectoryInfo("/proc/self/fd").GetFiles().Any(file => file.LinkTarget == path);

    private async Task TickAsync(Func<bool> isDone) => await Deadline.UntilAsync(
        () =>
        {
            if (_time.Waiting > 0)
                _time.Advance(MasqueradeEventPump.Interval);
            return isDone();
        },
        "it is looked after");
}
