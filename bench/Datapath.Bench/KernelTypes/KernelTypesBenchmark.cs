using Datapath.Bench.ControlPlane;
using Datapath.Bench.Lab;
using Datapath.Bench.Results;

namespace Datapath.Bench.KernelTypes;

/// <summary>Part F: the kernel's types, from nothing to what a program needs of them.</summary>
internal static class KernelTypesBenchmark
{
    public static ResultTable Run(BenchOptions options, CancellationToken cancellation)
    {
        var processes = options.IsQuick ? 3 : 11;
        var table = new ResultTable("F", "The kernel's types (BTF), each process fresh", "case", "median", "range", "unit", "target");
        foreach (var (name, argument) in new[] { ("borrowed", "borrow"), ("copied", "copy") })
        {
            var runs = new KernelTypesRun[processes];
            for (var i = 0; i < runs.Length; i++)
                runs[i] = WorkerProcess.Run<KernelTypesRun>(cancellation, KernelTypesWorker.Argument, argument);
            Add(table, $"{name}: read", [.. runs.Select(static r => r.Read)]);
            Add(table, $"{name}: find the first function", [.. runs.Select(static r => r.FirstFind)]);
            AddValue(table, $"{name}: find another, on the clock", [.. runs.Select(static r => r.Finds.Milliseconds / r.Count)], "ms");
            Add(table, $"{name}: all of these", [.. runs.Select(static r => r.Read + r.FirstFind + r.Finds)], 20);
            AddValue(table, $"{name}: allocated", [.. runs.Select(static r => r.Bytes / 1e6)], "MB", 16);
            Add(table, $"{name}: then read an object", [.. runs.Select(static r => r.Parse)]);
            Add(table, $"{name}: then fit its program, verify and load it", [.. runs.Select(static r => r.Load)]);
        }

        table.Notes.Add("Borrowed: the kernel's own memory, from Linux 6.16. Copied: as on older kernels. All of it is cold: most of the time is just-in-time compilation.");
        return table;
    }

    private static void Add(ResultTable table, string name, Cost[] costs, double? target = null)
    {
        AddValue(table, $"{name}, CPU", [.. costs.Select(static c => c.CpuMilliseconds)], "ms", target);
        AddValue(table, $"{name}, on the clock", [.. costs.Select(static c => c.Milliseconds)], "ms");
    }

    private static void AddValue(ResultTable table, string name, double[] values, string unit, double? target = null)
    {
        var sample = Sample.Of(values);
        table.Add(
            name,
            Cell.Number(sample.Median, "0.00"),
            Cell.Range(sample, 0, 1, "0.00"),
            unit,
            target is { } most ? Cell.Target(sample.Median, most, $" {unit}") : Cell.Empty);
    }
}
