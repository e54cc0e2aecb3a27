namespace Datapath.Linux.Services;

/// <summary>A client of a pod, and where it was found.</summary>
/// <param name="Id">Who it is for the programs.</param>
internal abstract record FoundClient(ClientId Id)
{
    /// <summary>Whether it is still there and the pod's. A number that now belongs to another network namespace or cgroup is not.</summary>
    public abstract bool IsStill(LocalPod pod);
}
