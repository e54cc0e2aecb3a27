using Datapath.Linux.Bpf;
using Datapath.Linux.Cgroups;

namespace Datapath.Bench.Lab;

/// <summary>One of the things compared, attached to a cgroup of its own.</summary>
internal interface IVariant : IDisposable
{
    Cgroup Cgroup { get; }

    /// <summary>How often its program on a hook ran, and for how long.</summary>
    /// <param name="hook">For example <c>connect4</c>.</param>
    /// <returns>Nothing if it has no program there.</returns>
    BpfRunStatistics? Read(string hook);
}
