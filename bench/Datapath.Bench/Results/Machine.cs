using System.Runtime.InteropServices;

namespace Datapath.Bench.Results;

/// <summary>Where the figures come from.</summary>
internal sealed record Machine(string Kernel, string Cpu, int Cpus, string Runtime, string Date, double Load)
{
    public static Machine Read() => new(
        File.ReadAllText("/proc/sys/kernel/osrelease").Trim(),
        File.ReadLines("/proc/cpuinfo").FirstOrDefault(static line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim()
            ?? RuntimeInformation.ProcessArchitecture.ToString(),
        Environment.ProcessorCount,
        RuntimeInformation.FrameworkDescription,
        TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd", null),
        double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture));

    public override string ToString() => $"Linux {Kernel}, {Cpus} x {Cpu}, {Runtime}, {Date}, load {Load:0.0}";
}
