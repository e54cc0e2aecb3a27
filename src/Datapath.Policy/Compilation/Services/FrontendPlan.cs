namespace Datapath.Policy;

/// <summary>A frontend that a service wants, before backends and policies are looked at.</summary>
internal readonly record struct FrontendPlan(L4Address Address, string PortName, FrontendType Type, FrontendScope Scope)
{
    /// <summary>Whether only backends on this node count.</summary>
    public bool IsLocal(ServiceSpec spec) =>
        (Type is FrontendType.ClusterIP || Scope is FrontendScope.Internal ? spec.InternalTrafficPolicy : spec.ExternalTrafficPolicy)
        is TrafficPolicy.Local;
}
