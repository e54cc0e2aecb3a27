using System.Collections.Immutable;

namespace Datapath.Hosting.Tests.Lab;

/// <summary>An engine of masquerading without a kernel: keeps what it was given, unless it is told to refuse.</summary>
internal sealed class FakeMasquerade : IMasquerade
{
    private readonly Lock _gate = new();
    private int _flowsRead;
    private int _looks;
    private readonly List<MasqueradeState> _states = [];

    /// <summary>Why it refuses; <see langword="null"/>: it does not.</summary>
    public Exception? Refusal { get; set; }

    /// <summary>All that it was given, refused or not, the oldest first.</summary>
    public MasqueradeState[] States
    {
        get
        {
            lock (_gate)
                return [.. _states];
        }
    }

    /// <summary>What keeps its rules from taking effect.</summary>
    public ImmutableArray<string> Faults { get; set; } = [];

    /// <summary>That by which they take no effect, which is among what it finds first.</summary>
    public string? Outage { get; set; }

    /// <summary>Called when it finds out something new; <see langword="null"/> while nobody listens.</summary>
    public Action? FaultsChanged { get; private set; }

    public ImmutableArray<string> FindFaults() => Outage is { } outage ? [outage, .. Faults] : Faults;

    public string? FindOutage() => Outage;

    public IDisposable WatchForFaults(Action changed)
    {
        FaultsChanged = changed;
        return new Listening(this);
    }

    public ImmutableArray<MasqueradeDevice> Devices => [];

    public void Apply(MasqueradeState state)
    {
        lock (_gate)
            _states.Add(state);
        if (Refusal is { } refusal)
            throw refusal;
    }

    /// <summary>The flows that it has.</summary>
    public ImmutableArray<MasqueradeFlow> Flows { get; set; } = [];

    /// <summary>Why its flows cannot be counted; <see langword="null"/>: they can.</summary>
    public Exception? CountRefusal { get; set; }

    /// <summary>What it has counted.</summary>
    public ImmutableSortedDictionary<string, long> Counters { get; set; } = ImmutableSortedDictionary<string, long>.Empty;

    /// <summary>How often its flows were read.</summary>
    public int FlowsRead => Volatile.Read(ref _flowsRead);

    public ImmutableArray<MasqueradeFlow> ReadFlows()
    {
        var flows = Flows;
        _ = Interlocked.Increment(ref _flowsRead);
        _ = Interlocked.Increment(ref _looks);
        return flows;
    }

    /// <summary>How often its flows were counted or read.</summary>
    public int Looks => Volatile.Read(ref _looks);

    public int CountFlows()
    {
        var (count, refusal) = (Flows.Length, CountRefusal);
        _ = Interlocked.Increment(ref _looks);
        return refusal is null ? count : throw refusal;
    }

    public ImmutableSortedDictionary<string, long> ReadCounters() => Counters;

    public void Dispose()
    {
    }

    private sealed class Listening(FakeMasquerade of) : IDisposable
    {
        public void Dispose() => of.FaultsChanged = null;
    }
}
