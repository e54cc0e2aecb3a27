using Datapath.Bench.Results;

namespace Datapath.Bench.Policies;

/// <summary>Part G: manifests into objects, and objects into the desired state.</summary>
internal static class PolicyBenchmark
{
    public static ResultTable Run(BenchOptions options, CancellationToken cancellation)
    {
        int[] sizes = options.IsQuick ? [1000, 10_000] : [1000, 10_000, 100_000];
        var (processes, changes, texts, rounds) = options.IsQuick ? (1, 300, 300, 3) : (3, 3000, 10_000, 9);
        var runs = new List<CompileRun>();
        foreach (var size in sizes)
        {
            for (var i = 0; i < processes; i++)
                runs.Add(CompileWorker.Start(size, changes, options.Cpu, cancellation));
        }

        return PolicyReport.Make(runs, ReadingWorker.Start(texts, rounds, options.Cpu, cancellation));
    }
}
