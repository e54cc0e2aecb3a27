using System.Collections.Immutable;
using Datapath.Linux.Services;

namespace Datapath.Linux.Tests.Services;

/// <summary>A node without pods.</summary>
internal sealed class NoPods : IPodDirectory
{
    public ClientId Host => ClientId.Namespace(1);

    public LocalPod? Find(PodName name) => null;

    public ImmutableArray<ClientId> Locate(LocalPod pod, out string? reason)
    {
        reason = $"pod {pod.Name} is nowhere";
        return [];
    }
}
