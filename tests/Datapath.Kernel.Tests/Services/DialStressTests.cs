using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Datapath.Kernel.Tests.Lab;

namespace Datapath.Kernel.Tests.Services;

/// <summary>A hundred thousand dials while the service is scaled without a pause.</summary>
[TestFixture]
[LoadTest]
internal sealed class DialStressTests
{
    private const int Dials = 100_000;
    private const int Threads = 4;
    private const int Servers = 5;
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_parked = TimeSpan.FromSeconds(1.5);
    private readonly ConcurrentDictionary<string, int> _answers = new();
    private ServiceLab _lab = null!;
    private RemovalLog _removals = null!;
    private volatile bool _isScaled;
    private int _dials;
    private int _late;
    private int _telling;

    [SetUp]
    public void StartLab()
    {
        _lab = new(Servers);
        _removals = new(Servers);
        _answers.Clear();
        (_isScaled, _dials, _late, _telling) = (false, 0, 0, 0);
    }

    [TearDown]
    public void StopLab() => _lab.Dispose();

    [Test]
    public void No_TCP_dial_fails_or_reaches_a_backend_that_has_left() => Run(static () => Dial.Tcp(ServiceLab.ServiceV4()));

    [Test]
    public void No_UDP_dial_fails_or_reaches_a_backend_that_has_left() => Run(static () => Dial.Udp(ServiceLab.ServiceV6()));

    private void Run(Func<Answer> dial)
    {
        int[] pods = [.. Enumerable.Range(2, Servers)];
        _ = _lab.Apply(ServiceLab.Service(1, pods));
        var dialers = Enumerable.Range(0, Threads).Select(_ => new Thread(() => _lab.Pods[1].Run(() => DialAll(dial)))).ToArray();
        foreach (var dialer in dialers)
            dialer.Start();
        var changes = Scale(pods);
        foreach (var dialer in dialers)
            dialer.Join();

        TestContext.Out.WriteLine($"{changes} changes; {_telling} dials while a backend was out for long; {string.Join(", ", _answers)}");
        Assert.That(_answers.Keys, Is.EquivalentTo(pods.Select(static p => $"pod{p}")));
        Assert.That(_answers.Values.Sum(), Is.GreaterThanOrEqualTo(Dials));
        Assert.That(_late, Is.Zero, "dials that began after their backend had left");
        Assert.That(changes, Is.GreaterThan(300));
        Assert.That(_telling, Is.GreaterThan(Dials / 20), "backends must have been out for long enough to tell");
    }

    // One pod at a time stays out for long, each once; the others come and go.
    private int Scale(int[] pods)
    {
        var random = new Random(5);
        var start = Stopwatch.GetTimestamp();
        var (changes, before) = (0, pods);
        for (; !_isScaled || Volatile.Read(ref _dials) < Dials; changes++)
        {
            var epoch = (int)(Stopwatch.GetElapsedTime(start) / s_parked);
            _isScaled = epoch >= pods.Length;
            int[] others = [.. pods.Where(p => p != pods[epoch % pods.Length])];
            random.Shuffle(others);
            var after = others[..random.Next(1, others.Length + 1)];
            _removals.Change(before, after, () => _lab.Apply(ServiceLab.Service(1, after)));
            before = after;
        }

        return changes;
    }

    private void DialAll(Func<Answer> dial)
    {
        while (!_isScaled || Volatile.Read(ref _dials) < Dials)
        {
            _ = Interlocked.Increment(ref _dials);
            var dialed = Stopwatch.GetTimestamp();
            var answer = dial().ToString();
            _ = _answers.AddOrUpdate(answer, 1, static (_, count) => count + 1);
            if (!answer.StartsWith("pod", StringComparison.Ordinal))
                continue;

            // Not a second, not a moment: a dial that begins after a change is in force sees it.
            if (_removals.OutBefore(int.Parse(answer.AsSpan(3), CultureInfo.InvariantCulture), dialed) > TimeSpan.Zero)
                _ = Interlocked.Increment(ref _late);
            if (_removals.IsSomeOutFor(s_second, dialed))
                _ = Interlocked.Increment(ref _telling);
        }
    }
}
