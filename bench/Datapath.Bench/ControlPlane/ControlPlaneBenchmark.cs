using System.Globalization;
using Datapath.Bench.Lab;
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
            runs.Add(RunWorker(fills, changes, cancellation));
        return ControlPlaneReport.Make(runs);
    }

    private static ControlPlaneRun RunWorker(int fills, int changes, CancellationToken cancellation) => WorkerProcess.Run<ControlPlaneRun>(
        cancellation, ControlPlaneWorker.Argument, fills.ToString(CultureInfo.InvariantCulture), changes.ToString(CultureInfo.InvariantCulture));
}
