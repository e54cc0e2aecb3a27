using Datapath.Linux;
using Datapath.Linux.Bpf;
using Datapath.Linux.Cgroups;

namespace Datapath.Bench.Lab;

/// <summary>The real thing, as a host opens it.</summary>
internal sealed class DatapathVariant : IVariant
{
    private readonly LinuxDatapath _datapath;

    public DatapathVariant(BenchCgroups cgroups, ServiceSet services, string name = "datapath")
    {
        Cgroup = cgroups.Create($"{name}-{services.Count}");
        _datapath = Open(Cgroup);
        var result = _datapath.Apply(new(services.Services(), []));
        if (result.Failures.IsEmpty)
            return;
        _datapath.Dispose();
        throw new BenchException($"{result.Failures.Length} frontends could not be programmed, the first: {result.Failures[0]}");
    }

    public Cgroup Cgroup { get; }

    /// <summary>A datapath without services. Room for 10,000 UDP services, which take 32 slots each.</summary>
    public static LinuxDatapath Open(Cgroup cgroup) => LinuxDatapath.Open(new()
    {
        CgroupRoot = cgroup.Path,
        Lifetime = DatapathLifetime.Process,
        MaxSlots = 1 << 19,
    });

    public BpfRunStatistics? Read(string hook) => _datapath.ReadRunStatistics()[$"dp_{hook}"];

    public void Dispose() => _datapath.Dispose();
}
