using System.Collections.Immutable;

namespace Datapath;

/// <summary>
/// An engine that gives packets which leave a machine another source address. Calls are synchronous, may come from any thread and are serialized inside.
/// </summary>
public interface IMasquerade : IDisposable
{
    /// <summary>The devices whose packets are translated, by name.</summary>
    ImmutableArray<MasqueradeDevice> Devices { get; }

    /// <summary>Puts rules in force, all at once, for flows that begin from then on. Flows that run keep what they have.</summary>
    /// <param name="state">The rules.</param>
    void Apply(MasqueradeState state);

    /// <summary>The flows that are translated, in no order.</summary>
    ImmutableArray<MasqueradeFlow> ReadFlows();

    /// <summary>How many flows are translated. An engine that can tell without reading them all should.</summary>
    int CountFlows() => ReadFlows().Length;

    /// <summary>What the engine has counted, by name.</summary>
    ImmutableSortedDictionary<string, long> ReadCounters();

    /// <summary>What keeps the rules from taking effect, did a moment ago, or will not last, a sentence each. Empty: nothing.</summary>
    ImmutableArray<string> FindFaults() => [];

    /// <summary>
    /// That of <see cref="FindFaults"/> by which the rules take no effect at this moment, wholly or in part: what was put right again, and what will not last, is left out. <see langword="null"/>:
    /// there is none. Cheap, so that it can be asked after each change.
    /// </summary>
    string? FindOutage() => null;

    /// <summary>
    /// Has something called as soon as the engine knows that <see cref="FindFaults"/> says something new. Not every change is told so: who waits for faults asks from time to time, too.
    /// </summary>
    /// <param name="changed">What is called, from any thread. It must not throw.</param>
    /// <returns>Ends it.</returns>
    IDisposable WatchForFaults(Action changed) => NothingToWatch.Instance;
}
