using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using Datapath.Linux.Bpf;

namespace Datapath.Hosting;

/// <summary>The instruments that tell how full maps are. Engines have them under the same names, each on its own.</summary>
internal static class MapInstruments
{
    private const string MapTag = "datapath.map";

    /// <summary>Makes them.</summary>
    /// <param name="meter">Where.</param>
    /// <param name="lifetime">Ends them with the engine.</param>
    /// <param name="read">Reads all maps.</param>
    public static void Add(Meter meter, CounterInstruments lifetime, Func<ImmutableArray<MapFill>> read)
    {
        _ = meter.CreateObservableUpDownCounter(
            "datapath.map.usage", () => Measure(static map => map.Entries), "{entry}", "Elements of a map of the kernel that are in use.");
        _ = meter.CreateObservableUpDownCounter(
            "datapath.map.limit", () => Measure(static map => map.MaxEntries), "{entry}", "Elements of a map of the kernel that fit.");

        Measurement<long>[] Measure(Func<MapFill, long> part) => lifetime.IfAlive(read) is { } maps
            ? [.. maps.Select(map => new Measurement<long>(part(map), KeyValuePair.Create(MapTag, (object?)map.Map)))]
            : [];
    }
}
