using System.Collections.Immutable;
using Datapath.Policy;

namespace Datapath.Hosting;

/// <summary>The sources of a host: those that were added, then the cluster, if the options ask for it.</summary>
/// <param name="added">Those that were added.</param>
/// <param name="kubernetes">The cluster; <see langword="null"/> if none is followed.</param>
internal sealed class ObjectSources(IEnumerable<IObjectSource> added, KubernetesSource? kubernetes)
{
    /// <summary>All of them. Where two have the same object, the first has its way.</summary>
    /// <exception cref="InvalidOperationException">One is <see langword="null"/>.</exception>
    public ImmutableArray<IObjectSource> All { get; } =
    [
        .. added.Select(static (source, index) => source ?? throw new InvalidOperationException($"source of objects no. {index + 1} is null: what AddSource was given to make it gave none")),
        .. kubernetes is null ? [] : (IObjectSource[])[kubernetes],
    ];

    /// <summary>The cluster; <see langword="null"/> if none is followed.</summary>
    public KubernetesSource? Kubernetes { get; } = kubernetes;
}
