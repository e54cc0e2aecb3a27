using System.Collections.Immutable;
using Datapath.Linux.Bpf;

namespace Datapath.Hosting;

/// <summary>What can be read of an engine.</summary>
/// <param name="Counters">Its counters, by name.</param>
/// <param name="Maps">How full its maps are.</param>
internal sealed record EngineReadings(Func<IReadOnlyDictionary<string, long>> Counters, Func<ImmutableArray<MapFill>> Maps);
