using System.Collections.Immutable;
using Datapath.Linux.Services;

namespace Datapath.Linux;

public sealed partial class LinuxDatapath
{
    /// <inheritdoc/>
    public bool DependsOnFoundPods => !LocatedPods().IsEmpty;

    /// <inheritdoc/>
    public ImmutableArray<PodName> FindLostPods() => // outside the lock: changes need not wait
        [.. LocatedPods().Where(static pod => PodDirectory.IsLost(pod.Pod, pod.Clients)).Select(static pod => pod.Pod.Name)];

    /// <summary>
    /// The pods with a network of their own, by the cookies of their network namespaces: for <see cref="DialMonitorOptions.NamespacePods"/> in another process.
    /// After a change all network namespaces of the machine are read, which takes less than a millisecond each and lets changes wait; else what is known is told.
    /// </summary>
    /// <exception cref="LinuxException">A network namespace cannot be entered (EPERM without CAP_SYS_ADMIN).</exception>
    public ImmutableDictionary<ulong, PodName> FindPodNamespaces()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return _pods.Names.ToImmutableDictionary(static pod => pod.Key.Value, static pod => pod.Value);
        }
    }

    private ImmutableArray<(LocalPod Pod, ImmutableArray<FoundClient> Clients)> LocatedPods()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            var named = _servicesOfClients.Values.SelectMany(static service => service.NamedPods()).ToHashSet();
            return [.. _pods.Located.Where(located => located.Pod.IsExempt || named.Contains(located.Pod.Name))];
        }
    }
}
