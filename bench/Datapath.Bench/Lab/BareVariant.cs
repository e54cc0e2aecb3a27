using Datapath.Linux.Bpf;
using Datapath.Linux.Cgroups;

namespace Datapath.Bench.Lab;

/// <summary>A cgroup with nothing attached.</summary>
internal sealed class BareVariant(Cgroup cgroup) : IVariant
{
    public Cgroup Cgroup { get; } = cgroup;

    public BpfRunStatistics? Read(string hook) => null;

    public void Dispose()
    {
    }
}
