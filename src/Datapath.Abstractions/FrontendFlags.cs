namespace Datapath;

/// <summary>What the datapath has to know of a frontend beside its addresses. The numbers are those of Cilium's service map.</summary>
[Flags]
public enum FrontendFlags : ushort
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Of type <see cref="FrontendType.ExternalIPs"/>.</summary>
    ExternalIPs = 1 << 0,

    /// <summary>Of type <see cref="FrontendType.NodePort"/>.</summary>
    NodePort = 1 << 1,

    /// <summary>The external traffic policy of the service is Local.</summary>
    ExternalLocal = 1 << 2,

    /// <summary>Of type <see cref="FrontendType.HostPort"/>.</summary>
    HostPort = 1 << 3,

    /// <summary>A client stays with its backend for a time.</summary>
    SessionAffinity = 1 << 4,

    /// <summary>Of type <see cref="FrontendType.LoadBalancer"/>.</summary>
    LoadBalancer = 1 << 5,

    /// <summary>Packets that come from outside the node are served too.</summary>
    Routable = 1 << 6,

    /// <summary>Clients outside the source ranges are refused (or those inside, see <see cref="SourceRangeDeny"/>).</summary>
    CheckSourceRange = 1 << 7,

    /// <summary>Redirected by a policy.</summary>
    LocalRedirect = 1 << 8,

    /// <summary>
    /// Of a host port: the pod asked for the loopback address only. Of a service: a proxy on the node takes a connection instead of the
    /// datapath where it has one of the backends (delegate if local).
    /// </summary>
    LoopbackOrDelegate = 1 << 11,

    /// <summary>The internal traffic policy of the service is Local.</summary>
    InternalLocal = 1 << 12,

    /// <summary>The address exists once for each <see cref="FrontendScope"/>.</summary>
    TwoScopes = 1 << 13,

    /// <summary>The source ranges say who is refused, not who is served.</summary>
    SourceRangeDeny = 1 << 14,

    /// <summary>Replies go from the node of the backend straight to the client (direct server return).</summary>
    DirectServerReturn = 1 << 15,
}
