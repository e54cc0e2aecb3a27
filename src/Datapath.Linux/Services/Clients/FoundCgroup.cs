using Datapath.Linux.Cgroups;

namespace Datapath.Linux.Services;

/// <summary>A cgroup with the UID of a pod in its name.</summary>
/// <param name="Cgroup">The cgroup.</param>
internal sealed record FoundCgroup(Cgroup Cgroup) : FoundClient(ClientId.Cgroup(Cgroup.Id))
{
    public override bool IsStill(LocalPod pod) => PodCgroups.TryOpen(Cgroup.Path)?.Id == Cgroup.Id;
}
