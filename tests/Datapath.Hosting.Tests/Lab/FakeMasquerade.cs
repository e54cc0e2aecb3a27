using System.Collections.Immutable;

namespace Datapath.Hosting.Tests.Lab;

/// <summary>An engine of masquerading without a kernel: keeps what it was given, unless it is told to refuse.</summary>
internal sealed class FakeMasquerade : IMasquerade
{
    private readonly Lock _gate = new();
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

    public ImmutableArray<MasqueradeDevice> Devices => [];

    public void Apply(MasqueradeState state)
    {
        lock (_gate)
            _states.Add(state);
        if (Refusal is { } refusal)
            throw refusal;
    }

    public ImmutableArray<MasqueradeFlow> ReadFlows() => [];

    public ImmutableSortedDictionary<string, long> ReadCounters() => ImmutableSortedDictionary<string, long>.Empty;

    public void Dispose()
    {
    }
}
