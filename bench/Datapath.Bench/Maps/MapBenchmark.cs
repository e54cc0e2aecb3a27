using Datapath.Bench.Lab;
using Datapath.Bench.Results;
using Datapath.Bench.Twins;
using Datapath.Linux.Bpf;

namespace Datapath.Bench.Maps;

/// <summary>Part D: what the typed views of maps cost over the system calls that they make.</summary>
internal static class MapBenchmark
{
    public static ResultTable Run(BenchOptions options, CancellationToken cancellation)
    {
        using var compiled = CompiledTwin.TryLoad();
        IMapTwin twin = compiled is null ? new BareMapTwin() : new CompiledMapTwin(compiled);
        var table = new ResultTable(
            "D",
            $"Map operations, ns per element (24-byte key, 16-byte value; the twin is {twin.Language}; medians of rounds, quartiles)",
            "operation",
            "elements",
            "twin",
            "quartiles",
            "typed",
            "its quartiles",
            "ratio",
            "quartiles of ratio",
            "target");
        PinnedThread.Run(options.Cpu, () =>
        {
            _ = Measure(twin, 500, 40, isHashOnly: false, cancellation); // compiles what runs often
            var rows = options.IsQuick ? [] : Measure(twin, 100_000, 9, isHashOnly: false, cancellation);
            foreach (var row in rows.Concat(Measure(twin, 10_000, options.IsQuick ? 3 : 21, isHashOnly: !options.IsQuick, cancellation)))
                table.Add(row);
        });
        table.Notes.Add("ToList and ToArray give new memory each time, so they promise nothing: what they take beyond CopyTo is the price of that.");
        if (compiled is null)
            table.Notes.Add("No C compiler is here, so the twin is C# too: its calls cost what the runtime makes of them.");
        return table;
    }

    private static Cell[][] Measure(IMapTwin twin, int count, int rounds, bool isHashOnly, CancellationToken cancellation)
    {
        using var hash = new HashOperations(twin, count, MapSpec.Hash<MapKey, MapValue>("bench", (uint)count));
        using var onDemand = isHashOnly ? null : new HashOperations(twin, count, OnDemand(count));
        using var lru = isHashOnly ? null : new HashOperations(twin, count, Lru(count));
        using var array = isHashOnly ? null : new ArrayOperations(twin, count);
        using var perCpu = isHashOnly ? null : new PerCpuOperations(twin, count);
        MapOperation[] operations =
            [.. hash.All, .. onDemand?.Core("hash without preallocation") ?? [], .. lru?.Core("LRU hash") ?? [], .. array?.All ?? [], .. perCpu?.All ?? []];
        for (var round = -1; round < rounds; round++)
        {
            foreach (var operation in operations)
            {
                cancellation.ThrowIfCancellationRequested();
                operation.Round(isTypedFirst: round % 2 == 0, isKept: round >= 0);
            }
        }

        return [.. operations.Select(static o => o.Row())];
    }

    private static MapSpec OnDemand(int count) => MapSpec.Hash<MapKey, MapValue>("bench_demand", (uint)count, MapFlags.NoPrealloc);

    /// <summary>Large enough that nothing is evicted: that would be another measurement.</summary>
    private static MapSpec Lru(int count) => MapSpec.LruHash<MapKey, MapValue>("bench_lru", (uint)count * 4);
}
