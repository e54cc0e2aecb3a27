using System.Collections.Immutable;
using Datapath.Policy;

namespace Datapath.Hosting;

/// <summary>The sources of a host: those that were added, then the cluster, if the options ask for it.</summary>
/// <param name="added">Those that were added.</param>
/// <param name="kubernetes">The cluster; <see langword="null"/> if none is followed.</param>
internal sealed class ObjectSources(IEnumerable<IObjectSource> added, KubernetesSource? kubernetes)
{
    /// <summary>All of them. Where two have the same object, the first has its way.</summary>
    public ImmutableArray<IObjectSource> All { get; } = kubernetes is null ? [.. added] : [.. added, kubernetes];

    /// <summary>The cluster; <see langword="null"/> if none is followed.</summary>
    public KubernetesSource? Kubernetes { get; } = kubernetes;
}
