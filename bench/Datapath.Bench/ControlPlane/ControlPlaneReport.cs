using Datapath.Bench.Results;

namespace Datapath.Bench.ControlPlane;

internal static class ControlPlaneReport
{
    public static ResultTable Make(List<ControlPlaneRun> runs)
    {
        var table = new ResultTable(
            "C", "Control plane: 10,000 services with 2 backends each, from parsed objects to the kernel", "case", "median", "range", "unit", "target");
        AddFill(table, "cold, first in its process", [.. runs.Select(static run => run.Fills[0])], 150);
        AddFill(table, "warm", [.. runs.SelectMany(static run => run.Fills.Skip(run.Fills.Length / 2))], 150);
        Add(table, "opening the datapath, cold (not in the above), CPU", [.. runs.Select(static run => run.Open.CpuMilliseconds)], "ms");

        Change[] changes = [.. runs.SelectMany(static run => run.Changes)];
        AddChange(table, "one EndpointSlice changed: compile", changes, static c => c.Compile);
        AddChange(table, "one EndpointSlice changed: apply", changes, static c => c.Apply);
        AddChange(table, "one EndpointSlice changed: until the kernel has it", changes, static c => c.Compile + c.Apply, 1000);
        table.Notes.Add("CPU is that of the whole process: also of the threads of the just-in-time compiler and the garbage collector.");
        table.Notes.Add("Warm: the second half of the fills of a process.");
        return table;
    }

    private static void AddFill(ResultTable table, string name, Fill[] fills, double target)
    {
        Add(table, $"{name}: compile, CPU", [.. fills.Select(static f => f.Compile.CpuMilliseconds)], "ms");
        Add(table, $"{name}: apply, CPU", [.. fills.Select(static f => f.Apply.CpuMilliseconds)], "ms");
        Add(table, $"{name}: both, CPU", [.. fills.Select(static f => (f.Compile + f.Apply).CpuMilliseconds)], "ms", target);
        Add(table, $"{name}: both, on the clock", [.. fills.Select(static f => (f.Compile + f.Apply).Milliseconds)], "ms");
    }

    private static void Add(ResultTable table, string name, IEnumerable<double> values, string unit, double? target = null)
    {
        var sample = Sample.Of(values);
        table.Add(
            name,
            Cell.Number(sample.Median, "0.0"),
            Cell.Range(sample, 0, 1, "0.0"),
            unit,
            target is { } most ? Cell.Target(sample.Median, most, " ms") : Cell.Empty);
    }

    private static void AddChange(ResultTable table, string name, Change[] changes, Func<Change, double> part, double? target = null)
    {
        var sample = Sample.Of(changes.Select(part));
        table.Add($"{name}, median", Cell.Number(sample.Median, "0.0"), Cell.Range(sample, 0.25, 0.75, "0.0"), "us", Cell.Empty);
        table.Add(
            $"{name}, 99th percentile",
            Cell.Number(sample.Quantile(0.99), "0.0"),
            Cell.Empty,
            "us",
            target is { } most ? Cell.Target(sample.Quantile(0.99), most, " us") : Cell.Empty);
    }
}
