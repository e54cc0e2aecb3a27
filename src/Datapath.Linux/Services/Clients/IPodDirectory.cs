using System.Collections.Immutable;

namespace Datapath.Linux.Services;

/// <summary>Tells who a pod is for the programs.</summary>
internal interface IPodDirectory
{
    /// <summary>The host's own programs.</summary>
    ClientId Host { get; }

    /// <summary>The pod, if it is known.</summary>
    LocalPod? Find(PodName name);

    /// <summary>Who a pod is: its network namespaces, or on the host's network its cgroups.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="reason">Why nobody knows.</param>
    /// <returns>Empty if nobody knows yet.</returns>
    ImmutableArray<ClientId> Locate(LocalPod pod, out string? reason);
}
