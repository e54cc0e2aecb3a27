using Datapath.Linux;
using Datapath.Linux.Bpf;
using Datapath.Linux.Cgroups;

namespace Datapath.Bench.Lab;

/// <summary>The real thing, as a host opens it.</summary>
internal sealed class DatapathVariant : IVariant
{
    public DatapathVariant(BenchCgroups cgroups, ServiceSet services, string name = "datapath", int? traceBufferSize = null)
    {
        Cgroup = cgroups.Create($"{name}-{services.Count}");
        Datapath = Open(Cgroup, traceBufferSize);
        var result = Datapath.Apply(new(services.Services(), []));
        if (result.Failures.IsEmpty)
            return;
        Datapath.Dispose();
        throw new BenchException($"{result.Failures.Length} frontends could not be programmed, the first: {result.Failures[0]}");
    }

    public LinuxDatapath Datapath { get; }

    public Cgroup Cgroup { get; }

    /// <summary>A datapath without services. Room for 10,000 UDP services, which take 32 slots each.</summary>
    public static LinuxDatapath Open(Cgroup cgroup, int? traceBufferSize = null) => LinuxDatapath.Open(new()
    {
        CgroupRoot = cgroup.Path,
        Lifetime = DatapathLifetime.Process,
        MaxSlots = 1 << 19,
        TraceBufferSize = traceBufferSize ?? new LinuxDatapathOptions().TraceBufferSize,
    });

    public BpfRunStatistics? Read(string hook) => Datapath.ReadRunStatistics()[$"dp_{hook}"];

    public void Dispose() => Datapath.Dispose();
}
