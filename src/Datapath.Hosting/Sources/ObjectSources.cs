using System.Collections.Immutable;
using Datapath.Policy;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Datapath.Hosting;

/// <summary>The sources of a host: those that were added, then the cluster, if the options ask for it.</summary>
internal sealed class ObjectSources : IDisposable
{
    public ObjectSources(
        IEnumerable<IObjectSource> added, IOptions<DatapathOptions> options, KubernetesMetrics metrics, TimeProvider time, ILogger<KubernetesSource> logger)
    {
        Kubernetes = options.Value.Kubernetes.Enabled ? new(options.Value, metrics, time, logger) : null;
        All = Kubernetes is null ? [.. added] : [.. added, Kubernetes];
    }

    /// <summary>All of them. Where two have the same object, the first has its way.</summary>
    public ImmutableArray<IObjectSource> All { get; }

    /// <summary>The cluster; <see langword="null"/> if none is followed.</summary>
    public KubernetesSource? Kubernetes { get; }

    public void Dispose() => Kubernetes?.Dispose();
}
