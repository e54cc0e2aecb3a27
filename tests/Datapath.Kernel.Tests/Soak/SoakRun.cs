using System.Diagnostics;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Policy;

namespace Datapath.Kernel.Tests.Soak;

/// <summary>Objects change at random while pods and the host dial; every answer is held against what the state before and after the change allows.</summary>
internal sealed class SoakRun : IDisposable
{
    private const int ChangesForEachRestart = 40;
    private const int DialersForEachClient = 2;
    private const int MostFaults = 30;
    private static readonly TimeSpan s_quiet = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_untilEnded = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_betweenQuestions = TimeSpan.FromMilliseconds(10);

    private readonly SoakOptions _options;
    private readonly Action<string> _say;
    private readonly ServiceLab _lab;
    private readonly SoakCluster _cluster;
    private readonly PolicyCompiler _compiler = new(new() { Name = SoakObjects.Node });
    private readonly AnswerRules _dials = new(TimeSpan.Zero);
    private readonly AnswerRules _connected = new(s_untilEnded);
    private readonly DialTally _dialTally = new();
    private readonly DialTally _connectedTally = new();
    private readonly List<LongLivedSockets> _sockets = [];
    private readonly List<CheckedDialer> _dialers = [];
    private readonly List<string> _faults = [];
    private int _changes;
    private int _restarts;
    private int _failures;
    private int _verifications;
    private int _differences;
    private int _mostSlots;

    /// <param name="options">How it is run.</param>
    /// <param name="say">Takes a line about each round.</param>
    public SoakRun(SoakOptions options, Action<string> say)
    {
        (_options, _say) = (options, say);
        _cluster = new(options.Seed);
        _lab = new(servers: 7, static o => o with { Lifetime = DatapathLifetime.Pinned }, havePodsNames: true, hostPod: SoakAddresses.Host);
    }

    /// <summary>Runs it to its end.</summary>
    public SoakReport Run(CancellationToken cancellation)
    {
        SetLoopbacksUp();
        Change(_cluster.Start(), Apply);
        StartDials();
        var start = Stopwatch.GetTimestamp();
        var before = SoakMemory.Read(_lab.Pins.Path);
        do
        {
            for (var i = 0; i < _options.ChangesPerRound && !cancellation.WaitHandle.WaitOne(_options.Pause); i++)
                Change(_cluster.Next(), _changes % ChangesForEachRestart == 0 ? Restart : Apply);
            _ = cancellation.WaitHandle.WaitOne(s_quiet); // now each answer has one state to follow
            Verify();
            _say($"{Stopwatch.GetElapsedTime(start).TotalSeconds:0} s: {_changes} changes, {_dialTally.Dials} dials, {_connectedTally.Dials} questions, {_dialTally.Wrong + _connectedTally.Wrong} wrong, {_differences} differences");
        }
        while (!cancellation.IsCancellationRequested && Stopwatch.GetElapsedTime(start) < _options.Duration);

        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        foreach (var dialer in _dialers)
            dialer.Stop();
        var after = SoakMemory.Read(_lab.Pins.Path);
        var counters = _lab.Datapath.ReadCounters();
        var leaked = LeakedSlots();
        return new()
        {
            Seed = _options.Seed,
            Seconds = seconds,
            Changes = _changes,
            Restarts = _restarts,
            Dials = _dialTally.Dials,
            Questions = _connectedTally.Dials,
            Wrong = _dialTally.Wrong + _connectedTally.Wrong,
            DialsEnded = _dialTally.Ended,
            SocketsEnded = _connectedTally.Ended,
            Refused = _dialTally.Refused,
            ApplyFailures = _failures,
            Verifications = _verifications,
            Differences = _differences,
            SlotsLeaked = leaked,
            MostSlots = _mostSlots,
            MapBytes = (before.Maps, after.Maps),
            HeapBytes = (before.Heap, after.Heap),
            ProcessBytes = (before.Process, after.Process),
            Counters = counters,
            Faults = [.. _faults, .. _dialTally.Wrongs, .. _connectedTally.Wrongs],
        };
    }

    public void Dispose()
    {
        foreach (var dialer in _dialers)
            dialer.Dispose();
        foreach (var sockets in _sockets)
            sockets.Dispose();
        _lab.Dispose();
    }

    private void SetLoopbacksUp()
    {
        foreach (var pod in SoakAddresses.Clients)
        {
            using var route = _lab.Pods[pod].OpenRouteNetlink();
            route.SetLinkUp(route.GetLink("lo").Index); // pods that are their own backends
        }
    }

    private void StartDials()
    {
        var dialers = SoakAddresses.Clients.Length * DialersForEachClient;
        foreach (var pod in SoakAddresses.Clients)
        {
            for (var i = 0; i < DialersForEachClient; i++)
            {
                var random = new Random((_options.Seed * 1000) + (pod * 10) + i);
                _dialers.Add(new(_lab.Pods[pod], TimeSpan.FromSeconds((double)dialers / _options.DialsPerSecond), () => DialOne(pod, random)));
            }

            var sockets = new LongLivedSockets(pod, (_options.Seed * 1000) + pod, _connected, _connectedTally);
            _sockets.Add(sockets);
            _dialers.Add(new(_lab.Pods[pod], s_betweenQuestions, sockets.AskOne));
        }
    }

    private void DialOne(int pod, Random random)
    {
        var destination = SoakAddresses.Destinations[random.Next(SoakAddresses.Destinations.Length)];
        var use = destination.Protocol is L4Protocol.Tcp ? SocketUse.Tcp : random.Next(2) == 0 ? SocketUse.ConnectedUdp : SocketUse.Datagram;
        var row = !destination.IsIPv4 ? SocketRow.Ipv6Socket : random.Next(4) switch
        {
            0 when Dial.IsPossible(SocketRow.Ipv6SocketIpv4Address, use) => SocketRow.Ipv6SocketIpv4Address,
            1 => SocketRow.Ipv6SocketMappedAddress,
            _ => SocketRow.Ipv4Socket,
        };
        CheckedDialer.Dial(_dials, _dialTally, new(pod, destination), row, use);
    }

    private void Change(ObjectBatch batch, Func<ChangeSet, ApplyResult> apply)
    {
        var changes = _compiler.Apply(batch).Changes;
        var expected = new SoakExpectation(_compiler);
        ApplyResult result = null!;
        _dials.Change(expected.OfDial, () => _connected.Change(expected.OfConnected, () => result = apply(changes)));
        _changes++;
        _failures += result.Failures.Length + result.PodFailures.Length;
        AddFaults(result.Failures.Select(f => $"change {_changes}: {f}").Concat(result.PodFailures.Select(f => $"change {_changes}: {f}")));
        var status = _lab.Datapath.GetStatus();
        _mostSlots = Math.Max(_mostSlots, Math.Max(status.IPv4.Slots + status.IPv4.RetiredSlots, status.IPv6.Slots + status.IPv6.RetiredSlots));
    }

    private ApplyResult Apply(ChangeSet changes) => _lab.Datapath.Apply(changes);

    /// <summary>Ends the engine and begins it again, and has the change be one that it must find by itself.</summary>
    private ApplyResult Restart(ChangeSet changes)
    {
        _restarts++;
        _lab.Reopen();
        return _lab.Datapath.Replace(_compiler.State);
    }

    private void Verify()
    {
        var differences = _lab.Datapath.Verify(_compiler.State);
        _verifications++;
        _differences += differences.Length;
        AddFaults(differences.Select(d => $"after change {_changes}: {d}"));
    }

    private int LeakedSlots()
    {
        Change(_cluster.End(), Apply);
        _lab.Reopen();
        Verify();
        var status = _lab.Datapath.GetStatus();
        return status.IPv4.Slots + status.IPv6.Slots;
    }

    private void AddFaults(IEnumerable<string> faults) => _faults.AddRange(faults.Take(MostFaults - _faults.Count));
}
