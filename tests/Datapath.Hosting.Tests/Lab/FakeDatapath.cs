using System.Collections.Immutable;

namespace Datapath.Hosting.Tests.Lab;

/// <summary>An engine without a kernel: holds the state, writes the calls down, and refuses what it is told to refuse.</summary>
internal sealed class FakeDatapath : ISelfTestingDatapath, IPodFindingDatapath, IConnectionCountingDatapath
{
    private readonly Lock _gate = new();
    private readonly List<string> _calls = [];
    private int _faultsAsked;
    private int _lostPodsAsked;
    private int _connectionsAsked;
    private DesiredState _state = DesiredState.Empty;

    /// <summary>What is refused, by service.</summary>
    public Dictionary<string, (string Reason, bool IsTransient)> Refused { get; } = [];

    /// <summary>The pods that are not found, by name.</summary>
    public HashSet<string> Lost { get; } = [];

    /// <summary>The pods that are no longer where they were found, until they are applied again.</summary>
    public ImmutableArray<PodName> LostPods { get; set; } = [];

    /// <summary>Answers in their place who asks for them; <see langword="null"/> for <see cref="Connections"/>.</summary>
    public Func<Task<ImmutableArray<BackendConnections>>>? OnCount { get; set; }

    /// <summary>How often it was asked for them.</summary>
    public int LostPodsAsked => Volatile.Read(ref _lostPodsAsked);

    public bool DependsOnFoundPods { get; set; }

    /// <summary>What each call does before anything else.</summary>
    public Action? OnCall { get; set; }

    /// <summary>What the self-test finds.</summary>
    public SelfTestResult SelfTestResult { get; set; } = new(true, []);

    public ImmutableArray<string> Faults { get; set; } = [];

    /// <summary>Why nothing takes effect, which is among what it finds first.</summary>
    public string? Outage { get; set; }

    /// <summary>Called when the kernel tells that there may be faults; <see langword="null"/> while nobody listens.</summary>
    public Action? FaultsSuspected { get; private set; }

    /// <summary>Why it cannot tell its faults and the pods that it lost; <see langword="null"/>: it can.</summary>
    public Exception? LookRefusal { get; set; }

    /// <summary>How often it was asked for them.</summary>
    public int FaultsAsked => Volatile.Read(ref _faultsAsked);

    /// <summary>The connections that it counts.</summary>
    public ImmutableArray<BackendConnections> Connections { get; set; } = [];

    /// <summary>How often it was asked for them.</summary>
    public int ConnectionsAsked => Volatile.Read(ref _connectionsAsked);

    public bool IsDisposed { get; private set; }

    /// <summary>The calls: <c>replace a,b</c>, <c>apply +a -b</c>; with pods, if there are any: <c>apply +a; pods +p -q</c>.</summary>
    public string[] Calls
    {
        get
        {
            lock (_gate)
                return [.. _calls];
        }
    }

    /// <summary>What it was given, all together.</summary>
    public DesiredState State
    {
        get
        {
            lock (_gate)
                return _state;
        }
    }

    public ApplyResult Apply(ChangeSet changes)
    {
        var services = Signed(changes.Upserted.Select(static s => s.Name.Name), changes.Removed.Select(static n => n.Name));
        var pods = Signed(changes.Pods.Select(static p => p.Name.Name), changes.RemovedPods.Select(static n => n.Name));
        return Take($"apply {services}{Pods(pods)}", _state.With(changes), changes.Upserted, changes.Removed.Length);
    }

    public ApplyResult Replace(DesiredState state) => Take(
        $"replace {Names(state.Services.Keys.Select(static n => n.Name))}{Pods(Names(state.Pods.Keys.Select(static n => n.Name)))}", state, state.Services.Values, 0);

    public ImmutableArray<ProgrammedFrontend> Read() => [];

    public SelfTestResult SelfTest() => SelfTestResult;

    public ImmutableArray<string> FindFaults()
    {
        ImmutableArray<string> faults = Outage is { } outage ? [outage, .. Faults] : Faults;
        var refusal = LookRefusal;
        _ = Interlocked.Increment(ref _faultsAsked);
        return refusal is null ? faults : throw refusal;
    }

    public string? FindOutage() => Outage;

    public IDisposable WatchForFaults(Action suspected)
    {
        FaultsSuspected = suspected;
        return new Listening(this);
    }

    public ImmutableArray<PodName> FindLostPods()
    {
        var (lost, refusal) = (LostPods, LookRefusal);
        _ = Interlocked.Increment(ref _lostPodsAsked);
        return refusal is null ? lost : throw refusal;
    }

    public Task<ImmutableArray<BackendConnections>> CountConnectionsAsync(CancellationToken cancellationToken = default)
    {
        var connections = Connections;
        _ = Interlocked.Increment(ref _connectionsAsked);
        return OnCount?.Invoke() ?? Task.FromResult(connections);
    }

    public void Dispose() => IsDisposed = true;

    private sealed class Listening(FakeDatapath of) : IDisposable
    {
        public void Dispose() => of.FaultsSuspected = null;
    }

    private static string Names(IEnumerable<string> names) => string.Join(',', names.Order(StringComparer.Ordinal));

    private static string Signed(IEnumerable<string> upserted, IEnumerable<string> removed) =>
        string.Join(' ', upserted.Select(static name => "+" + name).Concat(removed.Select(static name => "-" + name)).Order(StringComparer.Ordinal));

    private static string Pods(string text) => text.Length == 0 ? "" : $"; pods {text}";

    private ApplyResult Take(string call, DesiredState next, IEnumerable<DesiredService> upserted, int removed)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        OnCall?.Invoke();
        lock (_gate)
        {
            _calls.Add(call);
            _state = next;
            var failures = ImmutableArray.CreateBuilder<ApplyFailure>();
            var written = 0;
            foreach (var service in upserted)
            {
                if (!Refused.TryGetValue(service.Name.Name, out var refusal))
                    written += service.Frontends.Length;
                else
                    failures.AddRange(service.Frontends.Select(f => new ApplyFailure(service.Name, f.Address, refusal.Reason, refusal.IsTransient)));
            }

            var lost = next.Pods.Keys.Where(pod => Lost.Contains(pod.Name)).Select(static pod => new PodFailure(pod, "nowhere"));
            return new(written, removed, failures.ToImmutable()) { PodFailures = [.. lost] };
        }
    }
}
