using System.Globalization;
using Datapath.Bench.ControlPlane;
using Datapath.Bench.Results;

namespace Datapath.Bench.Policies;

internal static class PolicyReport
{
    private const int Full = 100_000;

    public static ResultTable Make(List<CompileRun> runs, ReadingRun reading)
    {
        var table = new ResultTable(
            "G", "Policies: 10 endpoints a service, 50 redirect policies, 300 pods; manifests into objects, objects into the desired state",
            "case", "services", "median", "range", "unit", "target");
        foreach (var size in runs.GroupBy(static run => run.Services))
            AddCompile(table, [.. size], size.Key.ToString("N0", CultureInfo.InvariantCulture));
        AddText(table, "read JSON, compact", reading.Compact, 100);
        AddText(table, "read JSON, as kubectl prints it", reading.Indented, 100);
        AddText(table, "read YAML", reading.Yaml, null);
        table.Notes.Add("CPU is that of the whole process: also of the threads of the just-in-time compiler and the garbage collector. Changes and reading: the thread's.");
        table.Notes.Add("Copy: the same objects into a dictionary by their key. Tokens: Utf8JsonReader over the same bytes, in the same round.");
        return table;
    }

    private static void AddCompile(ResultTable table, CompileRun[] runs, string size)
    {
        var isFull = runs[0].Services == Full;
        AddCost(table, "first compile, CPU", size, runs, static r => r.Cold, isFull ? 2000 : null);
        AddCost(table, "a second one by a new compiler, CPU", size, runs, static r => r.Warm, null);
        Add(table, "the second, a service", size, Sample.Of(runs.Select(static r => r.Warm.CpuMilliseconds * 1000 / r.Services)), "us", null);
        Add(table, "the second, of a copy", size, Sample.Of(runs.Select(static r => r.Warm.CpuMilliseconds / r.Copy.CpuMilliseconds)), "times", null);
        Add(table, "heap: objects", size, Sample.Of(runs.Select(static r => r.ObjectBytes / 1e6)), "MB", null);
        Add(table, "heap: objects and compiler", size, Sample.Of(runs.Select(static r => r.Bytes / 1e6)), "MB", isFull ? 700 : null);
        Add(table, "most memory of the process", size, Sample.Of(runs.Select(static r => r.Peak / 1e6)), "MB", null);
        AddChanges(table, "one endpoint of 10 changed", size, runs, static r => r.Small, 50);
        AddChanges(table, "one endpoint of 1,000 changed", size, runs, static r => r.Large, null);
        AddChanges(table, "a redirect's pod changed", size, runs, static r => r.Pods, null);
        AddChanges(table, "one endpoint of 10 changed, of a policy of 100 services", size, runs, static r => r.Redirected, null);
    }

    private static void AddCost(ResultTable table, string name, string size, CompileRun[] runs, Func<CompileRun, Cost> cost, double? target) =>
        Add(table, name, size, Sample.Of(runs.Select(r => cost(r).CpuMilliseconds)), "ms", target);

    private static void AddChanges(ResultTable table, string name, string size, CompileRun[] runs, Func<CompileRun, Change[]> changes, double? target)
    {
        Change[] all = [.. runs.SelectMany(changes)];
        var times = Sample.Of(all.Select(static c => c.Microseconds));
        Add(table, name, size, times, "us", target, 0.25, 0.75);
        table.Add($"{name}, 99th percentile", size, Cell.Number(times.Quantile(0.99), "0.0"), Cell.Empty, "us", Cell.Empty);
        Add(table, $"{name}, allocated", size, Sample.Of(all.Select(static c => (double)c.Bytes)), "bytes", null, 0.25, 0.75, "0");
    }

    private static void AddText(ResultTable table, string name, TextRun run, double? least)
    {
        var speed = Sample.Of(run.Seconds.Select(s => run.Bytes / s / 1e6));
        var size = string.Create(CultureInfo.InvariantCulture, $"({run.Bytes / 1e6:0.0} MB)");
        table.Add(
            name, size, Cell.Number(speed.Median, "0.0"), Cell.Spread(speed, "0.0"), "MB/s",
            least is { } target ? Cell.AtLeast(speed.Median, target, " MB/s") : Cell.Empty);
        if (least is not null)
            Add(table, $"{name}, of its tokens", size, Sample.Of(run.Seconds.Zip(run.Walk, static (read, walk) => read / walk)), "times", null, 0.25, 0.75);
        table.Add($"{name}, allocated", size, Cell.Number(run.Allocated, "0.00"), Cell.Empty, "bytes a byte", Cell.Empty);
    }

    private static void Add(
        ResultTable table, string name, string size, Sample sample, string unit, double? target, double low = 0, double high = 1, string format = "0.0") => table.Add(
            name, size, Cell.Number(sample.Median, format), Cell.Range(sample, low, high, format), unit,
            target is { } most ? Cell.Target(sample.Median, most, $" {unit}") : Cell.Empty);
}
