using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Datapath.Bench.Results;

namespace Datapath.Bench.ControlPlane;

/// <summary>Part C: from Kubernetes objects to the kernel.</summary>
internal static class ControlPlaneBenchmark
{
    public static ResultTable Run(BenchOptions options, CancellationToken cancellation)
    {
        var (processes, fills, changes) = options.IsQuick ? (1, 3, 500) : (7, 14, 3000);
        var runs = new List<ControlPlaneRun>();
        for (var i = 0; i < processes; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            runs.Add(RunWorker(fills, changes, cancellation));
        }

        return ControlPlaneReport.Make(runs);
    }

    private static ControlPlaneRun RunWorker(int fills, int changes, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) is "dotnet")
            start.ArgumentList.Add(typeof(ControlPlaneBenchmark).Assembly.Location);
        start.ArgumentList.Add(ControlPlaneWorker.Argument);
        start.ArgumentList.Add(fills.ToString(CultureInfo.InvariantCulture));
        start.ArgumentList.Add(changes.ToString(CultureInfo.InvariantCulture));
        using var worker = Process.Start(start)!;
        var output = worker.StandardOutput.ReadToEnd();
        worker.WaitForExit();
        cancellation.ThrowIfCancellationRequested(); // the signal of a terminal reaches the worker too
        if (worker.ExitCode != 0)
            throw new BenchException($"the worker of part C ended with {worker.ExitCode}");
        return JsonSerializer.Deserialize<ControlPlaneRun>(output)!;
    }
}
