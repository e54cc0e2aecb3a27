using System.Collections.Immutable;

namespace Datapath.Hosting;

/// <summary>The engine of a host that masquerades nothing.</summary>
internal sealed class NoMasquerade : IMasquerade
{
    public ImmutableArray<MasqueradeDevice> Devices => [];

    public void Apply(MasqueradeState state)
    {
        // there is nothing
    }

    public ImmutableArray<MasqueradeFlow> ReadFlows() => [];

    public ImmutableSortedDictionary<string, long> ReadCounters() => ImmutableSortedDictionary<string, long>.Empty;

    public void Dispose()
    {
        // there is nothing
    }
}
