using Datapath.Linux.Namespaces;

namespace Datapath.Linux.Services;

/// <summary>A network namespace that held an address of a pod.</summary>
/// <param name="Cookie">Its cookie.</param>
/// <param name="Info">Its names and processes.</param>
internal sealed record FoundNamespace(ulong Cookie, NetworkNamespaceInfo Info) : FoundClient(ClientId.Namespace(Cookie))
{
    // The kernel gives the inode of one that is gone to the next one at once, and whoever made that may have given it the same name.
    public override bool IsStill(LocalPod pod)
    {
        using var network = Info.TryOpen();
        return network is not null && network.Run(() => network.Cookie == Cookie && NamespaceAddresses.List().Any(address => pod.Addresses.Contains(address)));
    }
}
