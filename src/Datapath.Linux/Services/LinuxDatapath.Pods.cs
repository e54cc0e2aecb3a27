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
