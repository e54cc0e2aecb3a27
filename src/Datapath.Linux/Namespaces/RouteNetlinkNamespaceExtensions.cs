using Datapath.Linux.Netlink;

namespace Datapath.Linux.Namespaces;

/// <summary>Lets <see cref="RouteNetlink"/>, which takes namespaces by descriptor, take a <see cref="NetworkNamespace"/>.</summary>
/// <remarks>Minimum kernel: 5.10, as <see cref="RouteNetlink"/>.</remarks>
public static class RouteNetlinkNamespaceExtensions
{
    /// <inheritdoc cref="RouteNetlink.CreateVeth"/>
    public static int CreateVeth(this RouteNetlink route, string name, string peerName, NetworkNamespace peerNamespace)
    {
        ArgumentNullException.ThrowIfNull(route);
        ArgumentNullException.ThrowIfNull(peerNamespace);
        return route.CreateVeth(name, peerName, peerNamespace.Handle);
    }

    /// <inheritdoc cref="RouteNetlink.MoveLink"/>
    public static void MoveLink(this RouteNetlink route, int index, NetworkNamespace networkNamespace)
    {
        ArgumentNullException.ThrowIfNull(route);
        ArgumentNullException.ThrowIfNull(networkNamespace);
        route.MoveLink(index, networkNamespace.Handle);
    }

    /// <inheritdoc cref="RouteNetlink.FindNamespaceId"/>
    public static int? FindNamespaceId(this RouteNetlink route, NetworkNamespace networkNamespace)
    {
        ArgumentNullException.ThrowIfNull(route);
        ArgumentNullException.ThrowIfNull(networkNamespace);
        return route.FindNamespaceId(networkNamespace.Handle);
    }

    /// <inheritdoc cref="RouteNetlink.GetOrAssignNamespaceId"/>
    public static int GetOrAssignNamespaceId(this RouteNetlink route, NetworkNamespace networkNamespace)
    {
        ArgumentNullException.ThrowIfNull(route);
        ArgumentNullException.ThrowIfNull(networkNamespace);
        return route.GetOrAssignNamespaceId(networkNamespace.Handle);
    }
}
