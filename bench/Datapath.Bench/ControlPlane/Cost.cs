using System.Diagnostics;

namespace Datapath.Bench.ControlPlane;

/// <summary>What a step took.</summary>
/// <param name="CpuMilliseconds">Processor time of the whole process: also the compiler's and the collector's threads.</param>
/// <param name="Milliseconds">Time on the clock.</param>
internal readonly record struct Cost(double CpuMilliseconds, double Milliseconds)
{
    public static Cost operator +(Cost left, Cost right) =>
        new(left.CpuMilliseconds + right.CpuMilliseconds, left.Milliseconds + right.Milliseconds);

    public static Cost Of<T>(Func<T> step, out T result)
    {
        var cpu = Environment.CpuUsage.TotalTime;
        var start = Stopwatch.GetTimestamp();
        result = step();
        return new((Environment.CpuUsage.TotalTime - cpu).TotalMilliseconds, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }
}
