using System.Diagnostics;
using Datapath.Kernel.Tests.Lab;
using Datapath.Kernel.Tests.Masquerade;

namespace Datapath.Kernel.Tests.Soak.Nat;

/// <summary>
/// Rules of egress NAT change at random, and its manager comes and goes, while flows begin and connections last. Each new flow is held against the rules
/// before and after the changes that it met; each connection goes on, byte by byte.
/// </summary>
internal sealed class NatSoakRun : IDisposable
{
    private const int Callers = 6;
    private const int ChangesPerWord = 200;
    private static readonly TimeSpan s_betweenExchanges = TimeSpan.FromMilliseconds(2);

    private readonly NatSoakOptions _options;
    private readonly Action<string> _say;
    private readonly TestPins _pins = new();
    private readonly ConformanceSite _site;
    private readonly NatSoakRules _rules;
    private readonly NatSoakDevices _devices;
    private readonly NatSoakManager _manager;
    private readonly Random _random;
    private readonly AnswerRules _answers = new(TimeSpan.Zero);
    private readonly DialTally _tally = new();
    private readonly List<NatSoakCaller> _callers = [];
    private readonly List<CheckedDialer> _dialers = [];
    private NatSoakTalks? _talks;
    private int _changes;
    private int _told;

    /// <param name="options">How it is run.</param>
    /// <param name="say">Takes a line now and then.</param>
    public NatSoakRun(NatSoakOptions options, Action<string> say)
    {
        (_options, _say, _random) = (options, say, new(options.Seed));
        _site = new(options.Engine is NatEngine.Ebpf
            ? new NatLab(o => EbpfSoakManager.Options(o, _pins))
            : new NatLab(options.Engine, NftablesSoakManager.Options));
        _rules = new(new(options.Seed));
        _devices = new(_site.Lab, new(options.Seed));
        _manager = options.Engine is NatEngine.Ebpf
            ? new EbpfSoakManager(_site.Lab, new(options.Seed), Change)
            : new NftablesSoakManager(_site.Lab, new(options.Seed), Change);
    }

    /// <summary>Runs it to its end.</summary>
    public NatSoakReport Run(CancellationToken cancellation)
    {
        Apply();
        StartLoad();
        var start = Stopwatch.GetTimestamp();
        for (var i = 1; Stopwatch.GetElapsedTime(start) < _options.Duration && !cancellation.WaitHandle.WaitOne(_options.Pause); i++)
        {
            if (i % _options.ChangesPerRestart == 0)
                _manager.Restart(_rules.Next());
            else if (_random.Next(4) == 0)
                _devices.ChangeOne();
            else
                Apply();
            if (i % ChangesPerWord == 0)
                Say(Stopwatch.GetElapsedTime(start));
        }

        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        foreach (var dialer in _dialers)
            dialer.Stop();
        var (exchanges, broken) = (_talks!.Exchanges, _talks.Broken);
        _talks.Dispose();
        var left = _manager.CountEntriesLeft();
        return new()
        {
            Seed = _options.Seed,
            Seconds = seconds,
            Changes = _changes,
            DeviceChanges = _devices.Changes,
            Restarts = _manager.Restarts,
            Kills = _manager.Kills,
            Flows = _tally.Dials,
            Wrong = _tally.Wrong,
            Connections = _options.Connections,
            Exchanges = exchanges,
            Broken = broken.Count,
            EndedAddresses = _manager.EndedAddresses,
            EntriesLeft = left,
            Counters = _site.Lab.Masquerade.ReadCounters(),
            Faults = [.. broken, .. _tally.Wrongs],
        };
    }

    public void Dispose()
    {
        foreach (var dialer in _dialers)
            dialer.Dispose();
        foreach (var caller in _callers)
            caller.Dispose();
        _talks?.Dispose();
        _devices.Dispose();
        _site.Dispose();
        _pins.Dispose();
    }

    private void StartLoad()
    {
        DatagramCalls.AllowEchoes(_site);
        var network = _site.Lab.Pod;
        _talks = new(_site, _options.Connections, _options.Seed);
        _dialers.Add(new(network, s_betweenExchanges, _talks.ExchangeOne));
        var ports = new NatSoakPorts(_site);
        for (var i = 0; i < Callers; i++)
        {
            var caller = new NatSoakCaller(_site, ports, _answers, _tally, (_options.Seed * 1000) + i);
            _callers.Add(caller);
            _dialers.Add(new(network, TimeSpan.FromSeconds((double)Callers / _options.FlowsPerSecond), caller.CallOne));
        }
    }

    private void Say(TimeSpan elapsed)
    {
        _say($"{elapsed.TotalSeconds:0} s: {_changes} changes, {_manager.Restarts} restarts, {_tally.Dials} flows, {_talks!.Exchanges} exchanges, {_tally.Wrong} wrong, {_talks.Broken.Count} broken");
        for (; _told < _tally.Wrongs.Count; _told++)
            _say(_tally.Wrongs.ElementAt(_told));
    }

    private void Apply()
    {
        var rules = _rules.Next();
        Change(rules, () => _site.Lab.Masquerade.Apply(rules));
    }

    private void Change(MasqueradeState rules, Action apply)
    {
        _answers.Change(kind => [.. _site.Sources[kind.Pod].SeenAs(rules, kind.Destination.Address).Select(static address => address.ToString())], apply);
        _changes++;
    }
}
